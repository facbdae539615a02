import { type RebuildRecord, type Reporter, ReproofError } from '../../model/index.ts';
import type { Settings } from './settings.ts';

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
export async function runRebuild(options: RunOptions): Promise<RebuildRecord> {
  throw new ReproofError('INTERNAL', `running a ${options.task.kind}: not connected to the pipeline yet`);
}
