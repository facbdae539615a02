import { isOwnerAlive, ownerToken } from '../process-owner.ts';
import type { Engine } from './client.ts';
import { engineError, removeContainer } from './container.ts';

const STORE = 'org.reproof.store';
const OWNER = 'org.reproof.owner';
const ROLE = 'org.reproof.role';
const REBUILD = 'org.reproof.rebuild';

/** Whose a container or volume is: the process that made it, for which data folder, for what. */
export type Ownership = {
  /** Identifies the data folder, so that another installation on the same engine is left alone. */
  readonly store: string;
  readonly role: 'build' | 'install' | 'resolve' | 'measure';
  readonly rebuild?: string;
};

/** The labels by which the next start recognises what a killed process left. */
export function labelsOf(owner: Ownership): Record<string, string> {
  return {
    [STORE]: owner.store,
    [OWNER]: ownerToken(),
    [ROLE]: owner.role,
    ...(owner.rebuild === undefined ? {} : { [REBUILD]: owner.rebuild }),
  };
}

/** Labels for an image that was made from a lock: found again by them, and never swept. */
export function environmentLabels(store: string, lock: string): Record<string, string> {
  return { [STORE]: store, 'org.reproof.lock': lock };
}

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
