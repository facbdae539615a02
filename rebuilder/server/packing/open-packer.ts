import { join } from 'node:path';
import { openAskingThread } from '../../asking-thread.ts';
import type { Coding } from './pack.ts';

/** Packs bodies of answers in a thread of its own. */
export type Packer = {
  /** Undefined once it is closed. Rejects when the thread ended. */
  readonly pack: (bytes: Uint8Array, coding: Coding) => Promise<Uint8Array | undefined>;
  readonly close: () => Promise<void>;
};

const HEAP_MEBIBYTES = 128;

/**
 * What packs is let go of only when V8 goes through a whole heap, and with it a body, 30 KB of each answer: that is cheap
 * in the small heap of a thread, and where requests are answered took 40 ms every ten seconds, for which all waited.
 */
export function openPacker(): Packer {
  const thread = openAskingThread<{ readonly bytes: Uint8Array; readonly coding: Coding }, Uint8Array>({
    program: join(import.meta.dirname, 'thread'),
    data: undefined,
    heapMebibytes: HEAP_MEBIBYTES,
    doing: 'packs answers',
    errorOf: ({ message }) => new Error(message),
  });
  let closed = false;
  return {
    pack: async (bytes, coding) => {
      try {
        return closed ? undefined : await thread.ask({ bytes, coding });
      } catch (error) {
        if (closed) return undefined;
        throw error;
      }
    },
    close: () => {
      closed = true;
      return thread.close();
    },
  };
}
