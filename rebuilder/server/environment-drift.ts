import { type BuildInfo, type EnvironmentLock, isReproofError } from '../../model/index.ts';
import { environmentDrift } from '../../sbom/index.ts';
import { parseBuildInfo } from '../ecosystem/debian/buildinfo.ts';
import type { Result } from '../store/results/types.ts';
import { testimonyOf } from '../testimonies.ts';
import type { ServerContext } from './context.ts';

/** Packages whose version was another than the .buildinfo names, or that the environment lacks. */
export type EnvironmentDrift = {
  readonly changes: readonly { readonly name: string; readonly theirs?: string; readonly ours?: string }[];
  /** Of those that the .buildinfo names: how many are there in its version. */
  readonly same: number;
  /** here: what this server's own builds left. worker: what a worker elsewhere said of its build. */
  readonly by: 'here' | 'worker';
};

type Sides = { readonly buildInfo: BuildInfo; readonly lock: EnvironmentLock; readonly by: EnvironmentDrift['by'] };

/**
 * How the environment of a rebuild differs from the one that a .buildinfo names. Undefined where there was no .buildinfo,
 * or where it is not known here what the rebuild ran in. What the lock has besides is no drift: a .buildinfo names build
 * dependencies alone.
 */
export async function readDrift(
  context: Pick<ServerContext, 'store' | 'blobs'>,
  result: Result,
): Promise<EnvironmentDrift | undefined> {
  const { origin, rebuildId } = result;
  if (origin !== 'ours' || rebuildId === undefined) return undefined;
  // Who reports a rebuild may call it what he likes: what a worker elsewhere built is no rebuild of this store.
  const worker = result.workerId === undefined ? undefined : await context.store.access.worker(result.workerId);
  const sides = worker?.kind === 'reproof' ? await testified(context, result.id) : await keptHere(context, rebuildId);
  if (sides === undefined) return undefined;
  const { changes, counts } = environmentDrift(sides.buildInfo, sides.lock);
  return {
    changes: changes.flatMap((change) => {
      if (change.kind === 'added') return [];
      const theirs = change.left.version;
      const ours = change.kind === 'removed' ? undefined : change.right.version;
      return [
        {
          name: change.name,
          ...(theirs === undefined ? {} : { theirs }),
          ...(ours === undefined ? {} : { ours }),
        },
      ];
    }),
    same: counts.same + counts.sameVersion,
    by: sides.by,
  };
}

async function keptHere({ store: { stages } }: Pick<ServerContext, 'store'>, rebuildId: string) {
  const published = await stages.stage(rebuildId, 'source');
  const buildInfo = (published?.value as { readonly recorded?: { readonly buildInfo?: BuildInfo } } | undefined)
    ?.recorded?.buildInfo;
  if (buildInfo === undefined) return undefined;
  const lock = (await stages.stage(rebuildId, 'lock'))?.value as EnvironmentLock | undefined;
  return lock?.layers === undefined ? undefined : ({ buildInfo, lock, by: 'here' } satisfies Sides);
}

async function testified(context: Pick<ServerContext, 'store' | 'blobs'>, id: number): Promise<Sides | undefined> {
  try {
    const testimony = await testimonyOf(id, context);
    if (testimony?.buildInfo === undefined) return undefined;
    const buildInfo = parseBuildInfo(testimony.buildInfo, 'the .buildinfo of a testimony');
    return { buildInfo, lock: testimony.plan.lock, by: 'worker' };
  } catch (error) {
    // A damaged blob is fsck's to tell; the page is there all the same.
    if (!isReproofError(error, 'BLOB_CORRUPT')) throw error;
    return undefined;
  }
}
