import type { OpenedStore } from '../store/index.ts';
import { attestResult, type ResultsContext } from './attest-result.ts';
import { leaveEvidence } from './leave-evidence.ts';
import type { EvidenceKeeper } from './types.ts';

const AT_ONCE = 100;
const FAILURES_IN_ROW = 5;
const NEWEST_RESULTS = 1_000;

export type PendingOptions = {
  readonly store: Pick<OpenedStore, 'stages' | 'saveStage' | 'record' | 'recordedWithout'>;
  readonly evidence: EvidenceKeeper;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onError: (id: string, error: unknown) => void;
};

/**
 * Leaves the evidence of every record that has none yet, newest first: of what failed, was killed, or is of a time before
 * there was evidence. What fails is told and passed over; after some in a row it stops, for then it is not theirs. Gives
 * how many were done.
 */
export async function attestPending(options: PendingOptions): Promise<number> {
  const { store, evidence, now, signal } = options;
  let done = 0;
  let inRow = 0;
  const failed = new Set<string>();
  for (;;) {
    const ids = await store.recordedWithout('publish', AT_ONCE + failed.size);
    const next = ids.filter((id) => !failed.has(id));
    if (next.length === 0) return done;
    for (const id of next) {
      if (signal.aborted) return done;
      const record = await store.record(id);
      // A record is never taken back.
      if (record === undefined) return done;
      const left = await leaveEvidence(record, { id, store, evidence, now, report: () => {} });
      if (left.kind === 'failed') {
        options.onError(id, left.error);
        failed.add(id);
        if (++inRow === FAILURES_IN_ROW) return done;
      } else {
        done += 1;
        inRow = 0;
      }
    }
  }
}

/** The same of the newest results of remote workers that nothing is stated of. */
export async function attestPendingResults(
  context: ResultsContext,
  { signal, onError }: Pick<PendingOptions, 'signal' | 'onError'>,
): Promise<void> {
  const { records } = await context.store.results.results(
    {},
    { limit: NEWEST_RESULTS, sort: 'id', direction: 'descending' },
  );
  for (const { id, origin, rebuildId } of records) {
    if (signal.aborted) return;
    const isDone = await context.evidence.has(`result-${id}`);
    if (origin !== 'ours' || isDone) continue;
    try {
      await attestResult(id, context);
    } catch (error) {
      return onError(rebuildId ?? `result-${id}`, error);
    }
  }
}
