import { statfs } from 'node:fs/promises';
import type { Container } from 'dockerode';
import type { LimitName, RebuildPlan } from '../../model/index.ts';
import type { Engine } from '../engine/client.ts';
import { attachOutput, createContainer, removeContainer } from '../engine/container.ts';

/** Which limit ended a build, and its value in seconds, bytes or processes. */
export type Exceeded = { readonly limit: LimitName; readonly value: number };

const STATS_MILLISECONDS = 1000;
/** A build that is over sooner cannot have filled a disk whose files are limited in size as well. */
const DISK_WATCH_AFTER_MILLISECONDS = 5000;
/** At the limit this many looks in a row: a burst that the kernel refused once is the build's to survive. */
const PROCESSES_LOOKS = 3;

type Volumes = { readonly imageId: string; readonly volumes: readonly string[]; readonly store: string };

/**
 * Watches what the kernel does not stop by itself: wall time, processes standing at their limit, bytes on the volumes.
 * Memory is the kernel's own to end; the log is counted by who reads it.
 */
export function watchLimits(
  engine: Engine,
  watched: Volumes & {
    readonly container: Container;
    readonly plan: RebuildPlan;
    readonly onExceeded: (reason: Exceeded) => void;
  },
): { readonly stop: () => Promise<void> } {
  const { limits } = watched.plan;
  const wall = setTimeout(
    () => watched.onExceeded({ limit: 'wall-time', value: limits.wallSeconds }),
    limits.wallSeconds * 1000,
  );
  const processes = watchProcesses(watched.container, limits.processes, () =>
    watched.onExceeded({ limit: 'processes', value: limits.processes }),
  );
  let disk: Promise<() => Promise<void>> | undefined;
  const diskTimer = setTimeout(() => {
    disk = watchDisk(engine, watched, (used) => {
      if (used > limits.diskBytes) watched.onExceeded({ limit: 'disk', value: limits.diskBytes });
    });
    disk.catch(() => {});
  }, DISK_WATCH_AFTER_MILLISECONDS);
  return {
    stop: async () => {
      clearTimeout(wall);
      clearTimeout(diskTimer);
      processes();
      if (disk !== undefined) await (await disk.catch(() => async () => {}))();
    },
  };
}

function watchProcesses(container: Container, limit: number, onExceeded: () => void): () => void {
  let looksAtLimit = 0;
  let over = false;
  const look = async (): Promise<void> => {
    const stats = (await container.stats({ stream: false, 'one-shot': true } as never)) as unknown as {
      pids_stats?: { current?: number };
    };
    looksAtLimit = (stats.pids_stats?.current ?? 0) >= limit ? looksAtLimit + 1 : 0;
    if (looksAtLimit >= PROCESSES_LOOKS) onExceeded();
  };
  const next = (): void => {
    if (over) return;
    timer = setTimeout(
      () =>
        void look()
          .catch(() => {})
          .then(next),
      STATS_MILLISECONDS,
    );
  };
  let timer: NodeJS.Timeout | undefined;
  next();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

/** du(1) in a container of its own that only reads the volumes: it has processes and memory left when the build has none. */
async function watchDisk(
  engine: Engine,
  { imageId, volumes, store }: Volumes,
  onUsed: (bytes: number) => void,
  once = false,
): Promise<() => Promise<void>> {
  const targets = volumes.map((_name, index) => `/volume-${index}`);
  const look = `du -sc --block-size=1 ${targets.join(' ')} 2>/dev/null | tail -n 1`;
  const container = await createContainer(engine, {
    image: imageId,
    argv: ['/bin/sh', '-c', once ? look : `while :; do ${look}; sleep 1; done`],
    owner: { store, role: 'measure' },
    host: {
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: ['DAC_READ_SEARCH'],
      SecurityOpt: ['no-new-privileges'],
      Memory: 256 * 1024 * 1024,
      Mounts: volumes.map((name, index) => ({
        Type: 'volume',
        Source: name,
        Target: targets[index] as string,
        ReadOnly: true,
      })),
    },
  });
  const output = await attachOutput(container);
  const reading = (async () => {
    let line = '';
    for await (const chunk of output) {
      line = (line + chunk.toString('latin1')).slice(-4096);
      const lines = line.split('\n');
      line = lines.pop() ?? '';
      for (const complete of lines) {
        const used = Number.parseInt(complete, 10);
        if (Number.isFinite(used)) onUsed(used);
      }
    }
  })();
  reading.catch(() => {});
  await container.start();
  if (once) await reading;
  return () => removeContainer(container);
}

/** Bytes on the volumes now. */
export async function measureDisk(engine: Engine, volumes: Volumes): Promise<number> {
  let used = 0;
  const remove = await watchDisk(engine, volumes, (bytes) => (used = bytes), true);
  await remove();
  return used;
}

/** The plan with its disk limit lowered to nine tenths of what is free where a local engine keeps its volumes. */
export async function withinFreeDisk(engine: Engine, plan: RebuildPlan): Promise<RebuildPlan> {
  if (!engine.local) return plan;
  const space = await statfs(engine.rootFolder).catch(() => undefined);
  if (space === undefined) return plan;
  const free = Math.floor(space.bavail * space.bsize * 0.9);
  return { ...plan, limits: { ...plan.limits, diskBytes: Math.min(plan.limits.diskBytes, free) } };
}
