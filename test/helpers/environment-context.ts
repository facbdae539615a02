import { storeIdentity } from '../../rebuilder/engine/ownership.ts';
import type { EnvironmentContext } from '../../rebuilder/environment/index.ts';
import { openFetcher } from '../../rebuilder/fetch/index.ts';
import { environmentMemory } from '../../rebuilder/open-rebuilder.ts';
import { openStore } from '../../rebuilder/store/index.ts';
import { labEngine, quiet } from './engine-lab.ts';

/** Opens what an environment is made with, on these folders; nothing is fetched, all packages have to be in the cache. */
export async function withEnvironmentContext(
  folders: { readonly data: string; readonly cache: string },
  work: (context: EnvironmentContext) => Promise<void>,
): Promise<void> {
  const store = await openStore(folders.data);
  const fetcher = openFetcher({ cacheFolder: folders.cache });
  try {
    await work({
      engine: await labEngine(),
      fetcher,
      memory: environmentMemory(store),
      store: await storeIdentity(folders.data),
      addresses: () => [],
      ...quiet,
    });
  } finally {
    await fetcher.close();
    await store.close();
  }
}
