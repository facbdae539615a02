import { isOwnerAlive } from '../process-owner.ts';
import type { Engine } from './client.ts';
import { engineError, removeContainer } from './container.ts';
import { OWNER, STORE } from './ownership.ts';

/**
 * Removes what processes of this data folder that are gone left on the engine: containers, volumes, and images but
 * those of `kept` ids. What another process is just removing, or still stands on, is left to the next sweep.
 * Gives how many of each were removed.
 */
export async function sweepOrphans(
  engine: Engine,
  store: string,
  kept: ReadonlySet<string>,
): Promise<{ readonly containers: number; readonly volumes: number; readonly images: number }> {
  const { docker } = engine;
  const filters = { label: [`${STORE}=${store}`, OWNER] };
  const isOrphan = ({ Labels }: { readonly Labels?: Readonly<Record<string, string>> | null }): boolean =>
    isOwnerAlive(Labels?.[OWNER] ?? '') === false;
  try {
    const containers = (await docker.listContainers({ all: true, filters })).filter(isOrphan);
    for (const { Id } of containers) await removeContainer(docker.getContainer(Id));
    const { Volumes } = await docker.listVolumes({ filters: JSON.stringify(filters) as never });
    const volumes = await removeEach((Volumes ?? []).filter(isOrphan), ({ Name }) => docker.getVolume(Name).remove());
    const images = (await docker.listImages({ filters })).filter((image) => isOrphan(image) && !kept.has(image.Id));
    return {
      containers: containers.length,
      volumes,
      images: await removeEach(images, ({ Id }) => docker.getImage(Id).remove()),
    };
  } catch (cause) {
    throw engineError('removing what a killed run left on the engine', cause);
  }
}

async function removeEach<T>(items: readonly T[], remove: (item: T) => Promise<unknown>): Promise<number> {
  let removed = 0;
  for (const item of items) {
    try {
      await remove(item);
      removed += 1;
    } catch (cause) {
      const status = (cause as { statusCode?: number }).statusCode;
      // 404: gone. 409: in use.
      if (status !== 404 && status !== 409) throw cause;
    }
  }
  return removed;
}
