import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** So much may become of no use before V8 goes through all that is in memory. */
const ROOM_BYTES = 192 * 1024 ** 2;
/** The share of what is in use that the room is at least and at most, in percent: of much, it has to be more. */
const LEAST_PERCENT = 15;
const MOST_PERCENT = 150;

/**
 * Has this process collect its memory seldom, until it is stopped. Going through the whole heap takes 40 ms of processor,
 * in which whoever asks a server waits. V8 has a limit of its own for memory outside of its heap, which bodies and their
 * packing reach twice a second: it is counted with the heap. And V8 lets a heap grow by little where much of it dies
 * young, as in a server: it is given a room of its own. Returns what stops it.
 * https://nodejs.org/api/v8.html#v8setflagsfromstringflags
 */
export function collectSeldom(): () => void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  let inUse = usedBytes();
  const give = (): void => setFlagsFromString(`--heap-growing-percent=${growthPercent(usedBytes(), inUse)}`);
  const observer = new PerformanceObserver((list) => {
    // What is used right after all was gone through is in use.
    if (list.getEntries().some(isMajor)) inUse = usedBytes();
    give();
  });
  observer.observe({ entryTypes: ['gc'] });
  give();
  return () => {
    observer.disconnect();
    // As V8 decides by itself.
    setFlagsFromString('--heap-growing-percent=0');
  };
}

/**
 * By how many percent memory may grow once all will have been gone through. Of `used` bytes it is not known how many are
 * in use: not less than all but the room, which would have been gone through before.
 */
export function growthPercent(used: number, inUseBefore: number): number {
  const inUse = Math.max(inUseBefore, used - ROOM_BYTES);
  return Math.min(MOST_PERCENT, Math.max(LEAST_PERCENT, Math.round((ROOM_BYTES / inUse) * 100)));
}

function usedBytes(): number {
  const { used_heap_size: heap, external_memory: outside } = getHeapStatistics();
  return heap + outside;
}

function isMajor(entry: PerformanceEntry): boolean {
  const { detail } = entry as PerformanceEntry & { readonly detail?: { readonly kind?: number } };
  return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
