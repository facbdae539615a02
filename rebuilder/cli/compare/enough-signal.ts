/** Milliseconds that a timer of Node can wait, 24 days; a longer one would end at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * The first SIGINT, or the time being over: what was found by then is reported. A signal made of that of a timeout would
 * not do: nothing else holds the latter, and where its memory is taken back it never comes.
 */
export function enoughSignal(interrupted: AbortSignal, seconds: number | undefined): AbortSignal {
  if (seconds === undefined) return interrupted;
  const enough = new AbortController();
  const end = (): void => enough.abort();
  if (interrupted.aborted) end();
  interrupted.addEventListener('abort', end, { once: true });
  setTimeout(end, Math.min(LONGEST_TIMER, Math.round(seconds * 1000))).unref();
  return enough.signal;
}
