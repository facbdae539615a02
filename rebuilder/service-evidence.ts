import { setTimeout as sleep } from 'node:timers/promises';
import type { Keys } from '../attest/index.ts';
import {
  attestPending,
  attestPendingResults,
  attestResult,
  type EvidenceKeeper,
  publishRotations,
} from './evidence/index.ts';
import type { ServerLog } from './server/index.ts';
import { type BlobStore, openStore, type ResultStore, type ServiceStore } from './store/index.ts';

/** How long after its start a service looks for what has no evidence yet, and how often after that. */
const FIRST_LOOK_MILLISECONDS = 2_000;
const LOOK_MILLISECONDS = 3_600_000;

export type ServiceEvidenceOptions = {
  readonly evidence: EvidenceKeeper;
  readonly keys: Keys;
  readonly store: ServiceStore;
  readonly blobs: BlobStore;
  /** The data folder, or postgres://…: where the records are. */
  readonly database: string;
  readonly now: () => Date;
  readonly log: ServerLog;
  readonly version: string;
};

/** What keeps a service's evidence complete, beside all else it does. */
export type ServiceEvidence = {
  /** Says that a result was recorded: what of it was seen here is signed in its turn. */
  readonly note: (resultId: number) => void;
  /** Ends what is being signed, and looks for nothing more. */
  readonly stop: () => Promise<void>;
};

/** The same results, whose recording is told. */
export function notingResults(results: ResultStore, note: (resultId: number) => void): ResultStore {
  return {
    ...results,
    record: async (job, entry, retry) => {
      const recorded = await results.record(job, entry, retry);
      if (recorded.kind === 'recorded') note(recorded.id);
      return recorded;
    },
  };
}

/**
 * Signs what results of remote workers show, one after the other, and looks now and then for records and results without
 * evidence. A failure is logged and no more: nothing else waits for it.
 */
export function startServiceEvidence(options: ServiceEvidenceOptions): ServiceEvidence {
  const { log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const onError = (id: string, error: unknown): void =>
    log({
      level: 'error',
      message: 'a rebuild has no evidence yet',
      facts: { rebuild: id, error: error instanceof Error ? error.message : String(error) },
    });
  const onMissing = (error: string): void =>
    log({ level: 'warn', message: 'a statement is missing', facts: { error } });
  let turn: Promise<unknown> = Promise.resolve();
  const looking = (async () => {
    for (let pause = FIRST_LOOK_MILLISECONDS; !signal.aborted; pause = LOOK_MILLISECONDS) {
      await sleep(pause, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      await look(options, signal, onError).catch((error: unknown) => onError('all', error));
    }
  })();
  return {
    note: (id) => {
      turn = turn
        .then(() => attestResult(id, { ...options, onMissing }))
        .catch((error: unknown) => onError(`result-${id}`, error));
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([turn, looking]);
    },
  };
}

async function look(
  options: ServiceEvidenceOptions,
  signal: AbortSignal,
  onError: (id: string, error: unknown) => void,
): Promise<void> {
  await publishRotations(options);
  const store = await openStore(options.database);
  try {
    const done = await attestPending({ store, evidence: options.evidence, now: options.now, signal, onError });
    if (done > 0) options.log({ level: 'info', message: 'evidence was completed', facts: { rebuilds: done } });
  } finally {
    await store.close();
  }
  await attestPendingResults(options, { signal, onError });
}
