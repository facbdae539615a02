/** What was counted under a key with this stamp; else it is counted. Who comes meanwhile waits for the same count. */
export type KeptCounts = <Value>(key: string, stamp: string, count: () => Promise<Value>) => Promise<Value>;

type Kept = {
  readonly value: Promise<unknown>;
  readonly stamp: string;
  readonly at: number;
  readonly renewing: boolean;
};

/** So old they are counted anew, while who asks is told the old ones: nobody waits where nothing is known to have changed. */
const RENEWED_MILLISECONDS = 30_000;
/** Older ones are told to nobody. */
const KEPT_MILLISECONDS = 60_000;
const MOST_KEPT = 1_000;

/** Keeps counts as long as what they are stamped with stays, and a minute at most; a thousand of them. `now` in milliseconds. */
export function keptCounts(now: () => number): KeptCounts {
  const kept = new Map<string, Kept>();
  const keep = (key: string, one: Kept): void => {
    kept.delete(key);
    kept.set(key, one);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  };
  return async <Value>(key: string, stamp: string, count: () => Promise<Value>): Promise<Value> => {
    const at = now();
    const before = kept.get(key);
    const known = before?.stamp === stamp && at - before.at < KEPT_MILLISECONDS ? before : undefined;
    if (known !== undefined && (known.renewing || at - known.at < RENEWED_MILLISECONDS))
      return known.value as Promise<Value>;
    const value = count();
    const one: Kept = { value, stamp, at, renewing: false };
    keep(key, known === undefined ? one : { ...known, renewing: true });
    const told = known ?? one;
    const isStillTold = (): boolean => kept.get(key)?.value === told.value;
    value.then(
      () => known !== undefined && isStillTold() && keep(key, one),
      () => isStillTold() && kept.delete(key),
    );
    return told.value as Promise<Value>;
  };
}
