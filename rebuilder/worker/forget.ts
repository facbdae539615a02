import type { Sha256 } from '../../model/index.ts';
import type { BlobStore } from '../store/index.ts';
import { blobsOf } from './deliver.ts';
import type { Letter, Outbox } from './outbox.ts';

/** Lets blobs go once the server has them, so that a worker's disk does not fill. */
export type Forgetter = {
  /** A build began, or ended: what was put meanwhile may be its own. */
  readonly began: (jobId: number) => void;
  readonly ended: (jobId: number) => void;
  /**
   * Removes what an answered result names. What another result on its way names stays, and what a build that runs may
   * have put too stays until that has ended. Throws STORE_FAILED.
   */
  readonly forget: (letter: Letter) => Promise<void>;
  /** Removes what stayed for builds that have ended since. Throws STORE_FAILED. */
  readonly forgetRest: () => Promise<void>;
};

export type ForgetterOptions = {
  readonly blobs: Pick<BlobStore, 'remove'>;
  readonly outbox: Pick<Outbox, 'letters'>;
  /** Told before a blob goes, which some record of this machine may name. */
  readonly beforeForgetting?: (sha256: Sha256) => Promise<void>;
};

/** How far a file's time may be behind the clock. */
const CLOCK_MILLIS = 1000;

export function openForgetter({ blobs, outbox, beforeForgetting }: ForgetterOptions): Forgetter {
  const running = new Map<number, number>();
  const waiting = new Set<Sha256>();
  const sweep = async (own?: Letter): Promise<void> => {
    const letters = (await outbox.letters(() => {})).filter((letter) => !isSame(letter, own));
    const kept = new Set(letters.flatMap(({ request }) => [...blobsOf(request.result)]));
    const begun = [...running].filter(([jobId]) => jobId !== own?.jobId).map(([, at]) => at);
    const putBefore = new Date(Math.min(Date.now() + CLOCK_MILLIS, ...begun)).toISOString();
    for (const sha256 of [...waiting]) {
      if (kept.has(sha256)) continue;
      await beforeForgetting?.(sha256);
      // What is not removed now may be a running build's too.
      if ((await blobs.remove(sha256, putBefore)) || begun.length === 0) waiting.delete(sha256);
    }
  };
  return {
    began: (jobId) => void running.set(jobId, Date.now() - CLOCK_MILLIS),
    ended: (jobId) => void running.delete(jobId),
    forget: async (letter) => {
      for (const sha256 of blobsOf(letter.request.result)) waiting.add(sha256);
      await sweep(letter);
    },
    forgetRest: () => sweep(),
  };
}

function isSame(left: Letter, right: Letter | undefined): boolean {
  return left.jobId === right?.jobId && left.request.lease === right.request.lease;
}
