import { canonicalJson } from './canonical-json.ts';
import { type Sha256, sha256Of } from './digest.ts';
import type { Origin } from './target.ts';

/** One binary package of an environment, pinned by content. */
export type LockedPackage = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly size: number;
  readonly sha256: Sha256;
  readonly origin: Origin;
};

/**
 * Everything a root file system is made of. `layers[0]` is the base and is made from nothing; each further layer is
 * installed on the one before. Packages are sorted by name, then architecture, within a layer. Its digest names the environment.
 */
export type EnvironmentLock = {
  readonly schema: 'reproof-lock/1';
  /** How a root file system is made from the packages; a change of the way is another number. */
  readonly recipe: number;
  readonly ecosystem: 'debian';
  readonly suite: string;
  readonly architecture: string;
  readonly layers: readonly EnvironmentLayer[];
};

export type EnvironmentLayer = {
  readonly name: 'base' | 'build-dependencies';
  readonly packages: readonly LockedPackage[];
  /** Packages of the layers below that this one's cannot stand beside, sorted. */
  readonly remove: readonly string[];
};

/** The lock's digest: the environment's name. */
export function lockDigest(lock: EnvironmentLock): Sha256 {
  return sha256Of(canonicalJson(lock));
}

/** What was made from a lock. */
export type PreparedEnvironment = {
  readonly lockDigest: Sha256;
  /** The engine's own id of the image, good on this machine only. */
  readonly imageId: string;
  /** SHA-256 of the root file system as a canonical tar (docs/architecture.md says which), good anywhere. */
  readonly rootfsDigest: Sha256;
  /** True when it was there already. */
  readonly reused: boolean;
};

/** All that a build can see beside its files. */
export type BuildSettings = {
  readonly user: string;
  readonly uid: number;
  readonly home: string;
  readonly locale: string;
  readonly timeZone: string;
  /** Octal digits, such as 022. */
  readonly umask: string;
  readonly path: string;
  readonly hostname: string;
  /** CPUs the build may use; also its parallel=N. */
  readonly cpus: number;
  /** The folder sources are unpacked in, such as /build/reproducible-path. */
  readonly buildRoot: string;
  /** The unpacked source's folder inside it, such as less-668. */
  readonly sourceFolder: string;
  /** Seconds since 1970 of the newest changelog entry: what SOURCE_DATE_EPOCH is set to. */
  readonly sourceDateEpoch: number;
  /** DEB_BUILD_OPTIONS beside parallel=N, such as nocheck. */
  readonly buildOptions: readonly string[];
  readonly buildProfiles: readonly string[];
  /** Further variables, as a .buildinfo's Environment gives them. Sorted by name when used. */
  readonly variables: Readonly<Record<string, string>>;
};
