import { randomBytes } from 'node:crypto';
import type { ServiceStore } from '../store/index.ts';
import type { JobFilter, JobStore, QueueState } from '../store/jobs/types.ts';

/** How a change of the queue is taken back. */
export type QueueUndo =
  /** Inputs whose jobs were cancelled, by the priority they had. */
  | { readonly kind: 'ask again'; readonly inputs: readonly { readonly id: number; readonly priority: number }[] }
  | { readonly kind: 'priorities'; readonly jobs: readonly { readonly id: number; readonly priority: number }[] }
  | { readonly kind: 'state'; readonly state: QueueState };

/** Of more jobs nothing is remembered: taking it back would be a change of each. */
export const UNDO_JOBS = 200;
const KEPT = 20;

/** What has to be known to bring jobs back after they are cancelled or moved; undefined where there are too many. */
export async function beforeChange(
  store: ServiceStore,
  filter: JobFilter,
  kind: 'cancel' | 'priority',
): Promise<QueueUndo | undefined> {
  const { total, records } = await store.jobs.jobs(filter, { limit: UNDO_JOBS });
  if (total > UNDO_JOBS || total === 0) return undefined;
  return kind === 'cancel'
    ? { kind: 'ask again', inputs: records.map(({ buildInputId: id, priority }) => ({ id, priority })) }
    : { kind: 'priorities', jobs: records.map(({ id, priority }) => ({ id, priority })) };
}

/** Remembers how to take a change back. Gives the name it is asked for by. */
export function keepUndo(undos: Map<string, QueueUndo>, undo: QueueUndo): string {
  const id = randomBytes(9).toString('base64url');
  undos.set(id, undo);
  if (undos.size > KEPT) undos.delete(undos.keys().next().value as string);
  return id;
}

/** Takes a change back, and notes who did. How many jobs it was; a job that ended meanwhile stays so. */
export async function undoChange(store: ServiceStore, actor: string, undo: QueueUndo): Promise<number> {
  return store.noted(
    ({ jobs }) => undone(jobs, actor, undo),
    (affected) => ({ actor, action: 'queue.undo', subject: 'queue', detail: { undo, affected } }),
  );
}

async function undone(jobs: JobStore, actor: string, undo: QueueUndo): Promise<number> {
  let affected = 0;
  switch (undo.kind) {
    case 'ask again':
      for (const { id: buildInputId, priority } of undo.inputs)
        affected += await jobs.ask({ buildInputId }, { kind: 'manual', priority, requestedBy: actor });
      return affected;
    case 'priorities':
      for (const { id, priority } of undo.jobs) affected += await jobs.setPriority({ id }, priority);
      return affected;
    case 'state':
      await jobs.setState(undo.state);
      return 0;
    default:
      return undo satisfies never;
  }
}
