import { join } from 'node:path';
import { openAskingThread } from '../../asking-thread.ts';
import type { Coding } from './pack.ts';

/** Packs bodies of answers in a thread of its own. */
export type Packer = {
  /** Rejects when the thread ended, and after closing. */
  readonly pack: (bytes: Uint8Array, coding: Coding) => Promise<Uint8Array>;
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
  return { pack: (bytes, coding) => thread.ask({ bytes, coding }), close: thread.close };
}
