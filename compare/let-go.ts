import { createHash } from 'node:crypto';
import { getHeapStatistics } from 'node:v8';

/** So much may come to be, or a quarter of what is in use, before what is no longer used is let go of. */
const GROWN_BYTES = 16 * 2 ** 20;

let inUse = 0;

// V8 forgets the shape of a class that has no object when it collects, and with it all that was compiled for it. Classes
// that much work is done in, and of which there is none between two files, keep one that stays: `lasting`. So does this of
// what is Node's.
export const KEPT: readonly unknown[] = ['sha1', 'sha256'].map((name) => createHash(name));

/**
 * Has what is no longer used let go of, where much came to be since the last time: left to itself, V8 lets several times
 * as much stand as is in use. Does nothing where Node was started without --expose-gc.
 */
export function letGo(): void {
  if (globalThis.gc === undefined) return;
  const used = usedBytes();
  inUse = Math.min(inUse, used);
  if (used < inUse + Math.max(GROWN_BYTES, inUse / 4)) return;
  globalThis.gc({ type: 'major', execution: 'sync', flavor: 'regular' });
  inUse = usedBytes();
}

function usedBytes(): number {
  const { used_heap_size: heap, external_memory: outside } = getHeapStatistics();
  return heap + outside;
}
