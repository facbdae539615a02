import type { BuildInfo } from './buildinfo.ts';
import type { FileDigest, Sha256 } from './digest.ts';
import type { Basis, BuildRun, PlannedSource } from './plan.ts';
import type { Origin, PublishedArtifact, Target } from './target.ts';
import type { Verification } from './verification.ts';

/** A file somebody serves: its digest and the addresses to try, in order. */
export type RemoteFile = FileDigest & { readonly origin: Origin; readonly urls: readonly string[] };

/** A signed suite's binary indices, as an environment's package manager reads them. Sha256 values are of files in the cache. */
export type SuiteIndices = {
  readonly archive: string;
  /** The suite's name under dists/, such as trixie or trixie-security. */
  readonly suite: string;
  /** The archive's root on the mirror, without a trailing slash. */
  readonly baseUrl: string;
  readonly inRelease: Sha256;
  /** Uncompressed Packages files: path under dists/SUITE/, such as main/binary-amd64/Packages. */
  readonly packages: readonly {
    readonly component: string;
    readonly path: string;
    readonly sha256: Sha256;
    readonly size: number;
  }[];
};

/** All that was looked up about a target: everything a plan is made from but the lock. */
export type Published = {
  readonly target: Target;
  readonly basis: Basis;
  readonly source: PlannedSource;
  /** Where each of source.files (and the .dsc, when it was published) can be had; all are in the cache already. */
  readonly artifacts: readonly PublishedArtifact[];
  readonly runs: readonly BuildRun[];
  readonly sourceDateEpoch: number;
  readonly indices: readonly SuiteIndices[];
  /** For a recorded basis: the .buildinfo, and the exact packages it names, located. */
  readonly recorded?: { readonly buildInfo: BuildInfo; readonly packages: readonly LocatedPackage[] };
  readonly verified: readonly Verification[];
  readonly notes: readonly string[];
};

/** A binary package of a recorded environment, with where to get it. */
export type LocatedPackage = RemoteFile & {
  readonly package: string;
  readonly version: string;
  readonly architecture: string;
};

/** What could not be had, named: a verdict of inconclusive. */
export type Unavailable = {
  readonly kind: 'unavailable';
  readonly what: 'source' | 'environment';
  /** File names, or NAME=VERSION of packages. */
  readonly missing: readonly string[];
  readonly verified: readonly Verification[];
  readonly notes: readonly string[];
};
