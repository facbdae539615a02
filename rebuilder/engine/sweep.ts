import { isOwnerAlive } from '../process-owner.ts';
import type { Engine } from './client.ts';
import { engineError, removeContainer } from './container.ts';
import { OWNER, STORE } from './ownership.ts';

/** Removes containers and volumes of this data folder whose process is gone. Gives how many of each. */
export async function sweepOrphans(
  engine: Engine,
  store: string,
): Promise<{ readonly containers: number; readonly volumes: number }> {
  const filters = { label: [`${STORE}=${store}`, OWNER] };
  let containers = 0;
  let volumes = 0;
  try {
    for (const info of await engine.docker.listContainers({ all: true, filters })) {
      if (isOwnerAlive(info.Labels[OWNER] ?? '') !== false) continue;
      await removeContainer(engine.docker.getContainer(info.Id));
      containers += 1;
    }
    const listed = await engine.docker.listVolumes({ filters: JSON.stringify(filters) as never });
    for (const info of listed.Volumes ?? []) {
      if (isOwnerAlive(info.Labels?.[OWNER] ?? '') !== false) continue;
      await engine.docker.getVolume(info.Name).remove({ force: true });
      volumes += 1;
    }
  } catch (cause) {
    throw engineError('removing what a killed run left on the engine', cause);
  }
  return { containers, volumes };
}
