import { canonicalJson } from './canonical-json.ts';
import { type FileDigest, type Sha256, sha256Of } from './digest.ts';
import type { BuildSettings, EnvironmentLock } from './environment.ts';
import type { Origin, PublishedArtifact, Target } from './target.ts';

/** recorded: the environment is the one a .buildinfo wrote down. inferred: build dependencies as the suite has them now. */
export type Basis = 'recorded' | 'inferred';

/** A source file, pinned by content. */
export type SourceFile = FileDigest & { readonly origin: Origin };

/** The source package a plan builds. */
export type PlannedSource = {
  readonly dsc: FileDigest & {
    /** archive: the published file. assembled: put together from the Sources index, since the file itself was not to be had. */
    readonly provenance: 'archive' | 'assembled' | 'given';
    /** The whole text, as it is laid beside the source files. */
    readonly text: string;
  };
  /** Every file the .dsc names, itself excluded, sorted by name. */
  readonly files: readonly SourceFile[];
};

/** One run of dpkg-buildpackage. A binNMU beside arch:all packages needs two. */
export type BuildRun = {
  /** any: dpkg-buildpackage -B; all: -A; both: -b. */
  readonly packages: 'any' | 'all' | 'both';
  /** A changelog entry put before the source's own, verbatim, for a binNMU. */
  readonly binaryOnlyChanges?: string;
  /** SOURCE_DATE_EPOCH of this run where it is not the settings' own: arch:all packages beside a binNMU keep the source's. */
  readonly sourceDateEpoch?: number;
};

/** What a build may use before it is stopped. All are upper limits. */
export type SandboxLimits = {
  readonly wallSeconds: number;
  readonly memoryBytes: number;
  readonly processes: number;
  readonly diskBytes: number;
  readonly logBytes: number;
};

/** Everything needed to build again, on any machine. Canonical JSON; named by its digest. */
export type RebuildPlan = {
  readonly schema: 'reproof-plan/1';
  readonly target: Target;
  readonly basis: Basis;
  readonly source: PlannedSource;
  readonly lock: EnvironmentLock;
  readonly settings: BuildSettings;
  readonly runs: readonly BuildRun[];
  /** The published files the rebuild is judged by, sorted by name. */
  readonly expected: readonly PublishedArtifact[];
  readonly limits: SandboxLimits;
  /** What a reader should know: a binary's name taken for its source, a missing .dsc, and the like. */
  readonly notes: readonly string[];
};

/** The plan's digest: its name. */
export function planDigest(plan: RebuildPlan): Sha256 {
  return sha256Of(canonicalJson(plan));
}
