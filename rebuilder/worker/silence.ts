/** One signal of two: the caller's, and that nothing came for a while. */
export type SilenceWatch = {
  readonly signal: AbortSignal;
  /** Something came or went: the time begins again. */
  readonly alive: () => void;
  /** Why the signal came; undefined while it did not. */
  readonly reason: () => 'interrupted' | 'silent' | undefined;
  readonly end: () => void;
};

/** Watches a request. `end` has to be called when it is over. */
export function silenceWatch(caller: AbortSignal, millis: number): SilenceWatch {
  const controller = new AbortController();
  let reason: 'interrupted' | 'silent' | undefined;
  const stop = (why: 'interrupted' | 'silent'): void => {
    reason ??= why;
    controller.abort();
  };
  const onAbort = (): void => stop('interrupted');
  caller.addEventListener('abort', onAbort, { once: true });
  if (caller.aborted) onAbort();
  const timer = setTimeout(() => stop('silent'), millis);
  return {
    signal: controller.signal,
    alive: () => void timer.refresh(),
    reason: () => reason,
    end: () => {
      clearTimeout(timer);
      caller.removeEventListener('abort', onAbort);
    },
  };
}
