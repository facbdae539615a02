import type { RebuildRecord, Reporter, TargetRequest } from '../../model/index.ts';
import { ecosystems } from '../ecosystem/index.ts';
import { openRebuilder } from '../open-rebuilder.ts';
import type { RebuilderOptions } from '../rebuilder-options.ts';
import { evidenceSettings } from './evidence-settings.ts';
import { recordText } from './report/record-text.ts';
import type { Settings } from './settings.ts';
import { productVersion } from './version.ts';

const APT_FOLDER = '/etc/apt';
const REPORT_WIDTH = 100;

/** What is to be run: a new rebuild, an earlier one again, or an unfinished one from where it stopped. */
export type RebuildTask =
  | {
      readonly kind: 'rebuild';
      /** As typed: a name, NAME=VERSION, or a .dsc or .buildinfo by path or address. */
      readonly target: string;
      readonly suite?: string;
      readonly architecture?: string;
      readonly only: readonly string[];
      readonly nocheck: boolean;
      readonly control: boolean;
      readonly allowExpiredRelease: boolean;
    }
  /** `source` is a rebuild's id, or a folder of evidence. */
  | { readonly kind: 'replay'; readonly source: string }
  | { readonly kind: 'resume'; readonly id: string };

export type RunOptions = {
  readonly task: RebuildTask;
  readonly settings: Settings;
  readonly report: Reporter;
  readonly signal: AbortSignal;
};

/** Runs a rebuild to its record. Throws INTERRUPTED when `signal` aborts; what was done is kept, to be resumed. */
export async function runRebuild({ task, settings, report, signal }: RunOptions): Promise<RebuildRecord> {
  // Read first: a target that is none needs no engine to be refused.
  const target =
    task.kind === 'rebuild'
      ? ecosystems.debian.parse(task.target, { suite: task.suite, architecture: task.architecture })
      : undefined;
  const rebuilder = await openRebuilder(rebuilderOptions(settings));
  try {
    const watch = { report, signal };
    if (task.kind === 'resume') return await rebuilder.resume(task.id, watch);
    if (task.kind === 'replay') return await rebuilder.replay(task.source, watch);
    const { only, nocheck, control, allowExpiredRelease } = task;
    return await rebuilder.rebuild(
      { target: target as TargetRequest, only, nocheck, control, allowExpiredRelease },
      watch,
    );
  } finally {
    await rebuilder.close();
  }
}

/** What a rebuilder is opened with, from the settings. */
export function rebuilderOptions(settings: Settings): RebuilderOptions {
  return {
    dataFolder: settings.data,
    database: settings.database,
    cacheFolder: settings.cache,
    evidence: evidenceSettings(settings),
    engine: settings.engine,
    mirror: settings.mirror,
    securityMirror: settings.securityMirror,
    aptFolder: APT_FOLDER,
    snapshot: settings.snapshot,
    keyring: settings.keyring,
    components: settings.components,
    cpus: settings.cpus,
    limits: settings.limits,
    fetch: settings.fetch,
    proxy: settings.proxy,
    renderReport: (record) => recordText(record, { width: REPORT_WIDTH, colour: false }),
    version: productVersion(),
  };
}
