import type {
  EcosystemId,
  EnvironmentLock,
  Published,
  RebuildPlan,
  Reporter,
  SandboxLimits,
  TargetRequest,
  Unavailable,
} from '../../model/index.ts';
import type { Fetcher } from '../fetch/types.ts';

/** What the command line says beside the target itself. */
export type TargetOptions = { readonly suite?: string | undefined; readonly architecture?: string | undefined };

/** What looking a target up needs from outside. */
export type LocateContext = {
  readonly fetcher: Fetcher;
  /** Root of each archive on its mirror by the archive's name, such as debian; undefined when it is not known. */
  readonly mirrors: Readonly<Record<string, string | undefined>>;
  /** Root of snapshot.debian.org or a mirror of it, without a trailing slash. */
  readonly snapshotBase: string;
  /** Path of the keyring that signed suites are trusted by. */
  readonly keyring: string;
  /** Keyrings that .dsc and .buildinfo signatures are checked with; those of Debian's developers when not given. */
  readonly developerKeyrings?: readonly string[];
  readonly allowExpired: boolean;
  /** Such as main. */
  readonly components: readonly string[];
  /** Names of the binaries to judge; empty means all. They must have been published. */
  readonly only: readonly string[];
  readonly now: Date;
  /** dpkg's name of this machine's architecture. */
  readonly hostArchitecture: string;
  readonly signal: AbortSignal;
  /** Told of every note as it arises. */
  readonly report?: Reporter;
};

/** All that a plan is made of beside what was published. */
export type PlanInputs = {
  readonly lock: EnvironmentLock;
  /** Whether the package's own tests run; DEB_BUILD_OPTIONS gets nocheck when not. */
  readonly checks: boolean;
  readonly limits: SandboxLimits;
  readonly cpus: number;
  /** Names of the binary packages to judge; empty means all that were published. */
  readonly only: readonly string[];
};

/** Why no plan can be made of what was published, in one sentence. */
export type Unplannable = { readonly kind: 'unplannable'; readonly why: string };

/** One packaging ecosystem. `locate` looks, `plan` thinks: only `locate` touches the network, through the fetcher. */
export interface Ecosystem {
  readonly id: EcosystemId;
  /** Reads what a person asked to rebuild. Throws TARGET_SYNTAX, naming the way out. */
  parse(text: string, options?: TargetOptions): TargetRequest;
  /** Looks up all that a plan is made from but the lock, and brings the source into the cache. Throws TARGET_UNKNOWN. */
  locate(request: TargetRequest, context: LocateContext): Promise<Published | Unavailable>;
  /** Pure: the same input gives the same bytes of canonical JSON. */
  plan(published: Published, inputs: PlanInputs): RebuildPlan | Unplannable;
  /** Pure. Throws VERSION_SYNTAX. */
  compareVersions(left: string, right: string): -1 | 0 | 1;
}
