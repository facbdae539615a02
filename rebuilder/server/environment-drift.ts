import type { BuildInfo, EnvironmentLock } from '../../model/index.ts';
import { environmentDrift } from '../../sbom/index.ts';
import type { ServiceStore } from '../store/index.ts';
import type { Result } from '../store/results/types.ts';

/** Packages whose version was another than the .buildinfo names, or that the environment lacks. */
export type EnvironmentDrift = {
  readonly changes: readonly { readonly name: string; readonly theirs?: string; readonly ours?: string }[];
  /** Of those that the .buildinfo names: how many are there in its version. */
  readonly same: number;
};

/**
 * How the environment of a rebuild differs from the one that a .buildinfo names. Undefined where there was no .buildinfo,
 * or where the rebuild did not run here: its lock is not kept here then. What the lock has besides is no drift: a .buildinfo
 * names build dependencies alone.
 */
export async function readDrift(
  { stages }: Pick<ServiceStore, 'stages'>,
  { origin, rebuildId }: Result,
): Promise<EnvironmentDrift | undefined> {
  if (origin !== 'ours' || rebuildId === undefined) return undefined;
  const published = await stages.stage(rebuildId, 'source');
  const buildInfo = (published?.value as { readonly recorded?: { readonly buildInfo?: BuildInfo } } | undefined)
    ?.recorded?.buildInfo;
  if (buildInfo === undefined) return undefined;
  const lock = (await stages.stage(rebuildId, 'lock'))?.value as EnvironmentLock | undefined;
  if (lock?.layers === undefined) return undefined;
  const { changes, counts } = environmentDrift(buildInfo, lock);
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
  };
}
