import type { ServerContext } from '../context.ts';

/** When lists last changed. `stamp` is another whenever they did. */
export type Freshness = { readonly lastModified: Date; readonly stamp: string };

/**
 * Tells when packages or their statuses last changed, as this process saw it. Times of HTTP are whole seconds: a change
 * always moves on by one at least, or a client that asked within the second would keep the old list.
 */
export function createFreshness(
  store: Pick<ServerContext['store'], 'packages' | 'results'>,
  now: () => Date,
): () => Promise<Freshness> {
  let last: Freshness = { lastModified: new Date(0), stamp: '' };
  return async () => {
    const newest = { limit: 1, direction: 'descending' } as const;
    const [result, binary, profiles] = await Promise.all([
      store.results.results({}, newest),
      store.packages.binaryPackages({}, newest),
      store.packages.profiles(),
    ]);
    const finished = profiles.map((profile) => profile.finishedAt ?? '').sort();
    const stamp = JSON.stringify([result.records[0]?.id, binary.records[0]?.id, finished.at(-1)]);
    if (stamp !== last.stamp) {
      const seconds = Math.floor(now().getTime() / 1000);
      last = { stamp, lastModified: new Date(Math.max(seconds * 1000, last.lastModified.getTime() + 1000)) };
    }
    return last;
  };
}
