import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Published,
  planDigest,
  type RebuildPlan,
  type RebuildRecord,
  ReproofError,
  type StageName,
} from '../model/index.ts';
import type { RebuildRequest, Store, StoredStage } from './store/types.ts';

/** A rebuild to be run once more: its request, and the stages up to its plan as already done. */
export type Replay = { readonly request: RebuildRequest; readonly stages: readonly StoredStage[] };

/**
 * Reads what is to be replayed: a rebuild of the store by its id, or a folder of evidence with record.json and
 * plan.json, from this machine or another. Throws RECORD_UNKNOWN, PLAN_INVALID when there is no plan or it is not the
 * one the record names.
 */
export async function readReplay(source: string, store: Store): Promise<Replay> {
  const { record, plan, request } = (await isFolder(source))
    ? await fromFolder(source)
    : await fromStore(source, store);
  if (record.environment === undefined || planDigest(plan) !== record.planDigest) {
    throw new ReproofError('PLAN_INVALID', `replaying ${record.id}: its plan is not the one its record names`);
  }
  const published: Published = {
    target: plan.target,
    basis: plan.basis,
    source: plan.source,
    artifacts: plan.expected,
    runs: plan.runs,
    sourceDateEpoch: plan.settings.sourceDateEpoch,
    indices: [],
    verified: record.verified,
    notes: plan.notes,
  };
  const values: readonly (readonly [StageName, unknown])[] = [
    ['source', published],
    ['lock', plan.lock],
    ['plan', plan],
  ];
  const times = new Map(record.stages.map((stage) => [stage.stage, stage]));
  return {
    request: { ...request, replayOf: record.id, expectedRootfsDigest: record.environment.rootfsDigest },
    stages: values.map(([stage, value]) => ({
      stage,
      value,
      startedAt: times.get(stage)?.startedAt ?? '1970-01-01T00:00:00.000Z',
      wallSeconds: 0,
    })),
  };
}

type Original = { readonly record: RebuildRecord; readonly plan: RebuildPlan; readonly request: RebuildRequest };

async function isFolder(source: string): Promise<boolean> {
  // An id holds no slash; a folder may look like an id only when it is named without one.
  if (!source.includes('/')) return false;
  return (await stat(source).catch(() => undefined))?.isDirectory() ?? false;
}

async function fromStore(id: string, store: Store): Promise<Original> {
  const summary = await store.rebuild(id);
  const record = await store.record(summary.id);
  if (record === undefined)
    throw new ReproofError(
      'RECORD_UNKNOWN',
      `replaying ${summary.id}: it is not finished; use \`reproof resume ${summary.id}\``,
    );
  const plan = (await store.stages(summary.id)).find((stage) => stage.stage === 'plan')?.value;
  if (plan === undefined)
    throw new ReproofError(
      'PLAN_INVALID',
      `replaying ${summary.id}: it ended before there was a plan (${record.verdict.kind})`,
    );
  return { record, plan: plan as RebuildPlan, request: summary.request };
}

async function fromFolder(folder: string): Promise<Original> {
  const read = async (name: string): Promise<unknown> => {
    try {
      return JSON.parse(await readFile(join(folder, name), 'utf8'));
    } catch (cause) {
      throw new ReproofError('PLAN_INVALID', `replaying ${folder}: ${name} cannot be read`, { cause });
    }
  };
  const record = (await read('record.json')) as RebuildRecord;
  const plan = (await read('plan.json')) as RebuildPlan;
  if (record?.schema !== 'reproof-record/1' || plan?.schema !== 'reproof-plan/1') {
    throw new ReproofError('PLAN_INVALID', `replaying ${folder}: record.json or plan.json is of another version`);
  }
  return {
    record,
    plan,
    request: {
      target: record.request,
      only: record.only,
      nocheck: plan.settings.buildOptions.includes('nocheck'),
      control: true,
      allowExpiredRelease: false,
    },
  };
}
