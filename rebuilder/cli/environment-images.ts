import { type Engine, engineError } from '../engine/index.ts';
import { openStore } from '../store/index.ts';

/** An environment that the engine holds as an image. */
export type EnvironmentImage = {
  readonly imageId: string;
  readonly lockDigest: string;
  readonly bytes: number;
  /** ISO 8601, UTC. */
  readonly lastUsedAt: string;
};

/** What the cache commands need to know of environments. */
export interface EnvironmentImages {
  /** Those of this database that the engine still has; the longest unused first. */
  list(engine: Engine): Promise<readonly EnvironmentImage[]>;
  /** Removes what can be removed, and gives that: an image that a container or another image stands on stays. */
  remove(engine: Engine, images: readonly EnvironmentImage[]): Promise<readonly EnvironmentImage[]>;
}

/** The images of one store. Throws STORE_*, ENGINE_*. */
export function openEnvironmentImages(database: string): EnvironmentImages {
  return {
    list: async (engine) => {
      const store = await openStore(database);
      try {
        const known = (await store.environments.environments()).filter((item) => item.engineId === engine.id);
        const there = await Promise.all(known.map((item) => isThere(engine, item.imageId)));
        return known
          .filter((_item, index) => there[index])
          .map(({ imageId, lockDigest, bytes, lastUsedAt }) => ({ imageId, lockDigest, bytes, lastUsedAt }));
      } finally {
        await store.close();
      }
    },
    remove: async (engine, images) => {
      const store = await openStore(database);
      const removed = new Set<EnvironmentImage>();
      try {
        // A base goes once nothing stands on it any more: so the list is gone through until a round removes nothing.
        for (let round = -1; round !== removed.size; ) {
          round = removed.size;
          for (const image of images) {
            if (removed.has(image) || !(await removeImage(engine, image.imageId))) continue;
            await store.environments.forgetEnvironment(image.lockDigest, engine.id);
            removed.add(image);
          }
        }
        return images.filter((image) => removed.has(image));
      } finally {
        await store.close();
      }
    },
  };
}

async function isThere(engine: Engine, imageId: string): Promise<boolean> {
  try {
    await engine.docker.getImage(imageId).inspect();
    return true;
  } catch (cause) {
    if ((cause as { statusCode?: number }).statusCode === 404) return false;
    throw engineError('looking for an environment', cause);
  }
}

async function removeImage(engine: Engine, imageId: string): Promise<boolean> {
  try {
    await engine.docker.getImage(imageId).remove();
    return true;
  } catch (cause) {
    const status = (cause as { statusCode?: number }).statusCode;
    if (status === 404) return true;
    if (status === 409) return false;
    throw engineError('removing an environment', cause);
  }
}
