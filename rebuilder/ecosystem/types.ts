import type {
  EcosystemId,
  EnvironmentLock,
  Published,
  RebuildPlan,
  Reporter,
  SandboxLimits,
  Sha256,
  TargetRequest,
  Unavailable,
} from '../../model/index.ts';
import type { Fetcher } from '../fetch/types.ts';
import type { ListedSource } from '../store/packages/types.ts';

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

/** Which published files are to be listed. */
export type ListRequest = {
  readonly suites: readonly string[];
  /** dpkg's names, `all` among them; the first that has a source takes its files of architecture `all`. */
  readonly architectures: readonly string[];
  readonly components: readonly string[];
  /** The installer's own packages too. */
  readonly installer: boolean;
  /** The debug symbols of the suites' packages too, from their debug suites. */
  readonly debug: boolean;
};

/** What listing needs from outside. */
export type ListContext = Pick<LocateContext, 'fetcher' | 'mirrors' | 'keyring' | 'allowExpired' | 'now' | 'signal'>;

/** A list that can be read: what it will be made from is known, and signed for, before it is. */
export type PublishedList = {
  /** Everything the list is made from, by content. */
  readonly parts: readonly {
    readonly suite: string;
    readonly path: string;
    readonly sha256: Sha256;
    readonly baseUrl: string;
  }[];
  /** When each suite was signed: ISO 8601, UTC. */
  readonly dates: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
  /** Brings what it is made from, verified. Throws INDEX_MALFORMED, RELEASE_MALFORMED, FETCH_*, INTERRUPTED. */
  readonly open: () => Promise<OpenedList>;
};

export type OpenedList = {
  /** False when a part could not be had that others mostly repeat: then what it does not list may be published all the same. */
  readonly complete: boolean;
  readonly notes: readonly string[];
  /** What is built in one go and published, each build once. To be read once. Throws INDEX_MALFORMED, INTERRUPTED. */
  readonly sources: AsyncIterable<ListedSource>;
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
  /** Looks at suites, to list all that they publish. Throws TARGET_UNKNOWN, RELEASE_*, FETCH_*. */
  list(request: ListRequest, context: ListContext): Promise<PublishedList>;
  /** Pure: the same input gives the same bytes of canonical JSON. */
  plan(published: Published, inputs: PlanInputs): RebuildPlan | Unplannable;
  /** Pure. Throws VERSION_SYNTAX. */
  compareVersions(left: string, right: string): -1 | 0 | 1;
}
