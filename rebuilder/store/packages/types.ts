import type { Sha256 } from '../../../model/index.ts';
import type { OriginFilter, Page, PageRequest, Status } from '../page.ts';

/** One published file. */
export type ListedFile = {
  /** The binary package's name. */
  readonly name: string;
  /** The binary's version, epoch and +bN included. */
  readonly version: string;
  readonly architecture: string;
  readonly component?: string;
  readonly url: string;
  readonly fileName: string;
  /** Unknown where a client named the file by its address alone. */
  readonly sha256?: Sha256;
  readonly size?: number;
};

/** What a distribution publishes of one source version in one release, built on one architecture: a build input, listed. */
export type ListedSource = {
  readonly distribution: string;
  /** The suite's codename; undefined where the distribution has none. */
  readonly release?: string;
  readonly component?: string;
  readonly name: string;
  readonly version: string;
  readonly maintainer?: string;
  /** dpkg's name of the machine that builds, or all where nothing else comes out. */
  readonly architecture: string;
  /** Of the .buildinfo, where a client gave one. */
  readonly url?: string;
  /** At least one; those of one input may be listed in any order. */
  readonly files: readonly ListedFile[];
};

/** A sync: everything that is listed, or only what a client sent. */
export type Import = {
  readonly profile: string;
  readonly distribution: string;
  /** Digest of all it is made from. */
  readonly inputDigest?: Sha256;
  /** Dates of the signed lists it is made from, by suite: ISO 8601, UTC. */
  readonly suiteDates?: Readonly<Record<string, string>>;
  /**
   * whole: what the profile listed before and does not list now is withdrawn.
   * additions: only other versions of the same names (distribution, release, architecture) are: two clients may each
   * send a part.
   */
  readonly kind: 'whole' | 'additions';
  /** New inputs are not begun before. ISO 8601, UTC. */
  readonly notBefore?: string;
};

/** `sources` and `files` are what was listed, each once; `added` and `withdrawn` are files, by what the profile listed before. */
export type ImportCounts = {
  readonly sources: number;
  readonly files: number;
  readonly added: number;
  readonly withdrawn: number;
  readonly queued: number;
  readonly dropped: number;
};

export type Profile = {
  readonly id: number;
  readonly name: string;
  readonly distribution: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly error?: string;
  readonly inputDigest?: string;
  readonly suiteDates?: Readonly<Record<string, string>>;
};

export type SourcePackage = {
  readonly id: number;
  readonly distribution: string;
  readonly release?: string;
  readonly component?: string;
  readonly name: string;
  readonly version: string;
  readonly maintainer?: string;
  readonly lastSeenAt: string;
  readonly seen: boolean;
  /** The worst of its binaries' statuses: BAD, FAIL, UNKWN, then GOOD; undefined while none has a result. */
  readonly status?: Status;
  /** The result that status is of. */
  readonly resultId?: number;
};

export type BinaryPackage = ListedFile & {
  readonly id: number;
  readonly sourcePackageId: number;
  readonly buildInputId: number;
  readonly source: string;
  readonly sourceVersion: string;
  readonly distribution: string;
  readonly release?: string;
  readonly lastSeenAt: string;
  readonly seen: boolean;
  readonly status?: Status;
  readonly resultId?: number;
  readonly artifactId?: number;
  /** Of the result: when it was built, what it says, by whom, how long it took, and the digest of the rebuilt file. */
  readonly builtAt?: string;
  readonly verdict?: string;
  readonly reason?: string;
  readonly workerId?: number;
  readonly exitStatus?: number;
  readonly wallSeconds?: number;
  readonly rebuiltSha256?: Sha256;
  readonly hasReport: boolean;
  readonly hasAttestation: boolean;
  /** Whether this server itself saw that the rebuilt bytes are the published ones. */
  readonly checkedHere: boolean;
};

export type PackageFilter = OriginFilter & {
  readonly name?: string;
  readonly version?: string;
  readonly source?: string;
  readonly nameStartsWith?: string;
  /** Part of a name of 3 characters or more. */
  readonly search?: string;
  readonly status?: readonly (Status | 'none')[];
  readonly sha256?: Sha256;
  readonly seenOnly?: boolean;
  readonly maintainer?: string;
  /** Part of a maintainer, in any case. For source packages. */
  readonly maintainerHolds?: string;
  /** Of the shown result. For source packages. */
  readonly verdict?: string;
  readonly reason?: string;
  /** A kind of reason in the differences of its shown result. */
  readonly cause?: string;
  /** Only source packages that are unreproducible now while an older version of theirs was reproduced. */
  readonly regressed?: boolean;
};

/**
 * What a list of packages needs beside its rows: how many there are, and what was looked up for its filter, where it is
 * little. It is kept in memory and counted aside, while rows may be read in another thread.
 */
export type ListFacts = {
  readonly total: number;
  /** Names that hold what is searched. */
  readonly names?: readonly string[] | undefined;
  readonly maintainers?: readonly string[] | undefined;
  /** Ids of source packages whose shown results say what is asked of them; and of those that regressed. */
  readonly showing?: readonly number[] | undefined;
  readonly regressed?: readonly number[] | undefined;
};

/** Rows whose ids lie in it: after one, up to another. */
export type IdRange = { readonly after?: number; readonly upTo?: number };

export type BuildInput = {
  readonly id: number;
  readonly distribution: string;
  readonly source: string;
  readonly version: string;
  readonly architecture: string;
  readonly release?: string;
  readonly url?: string;
  readonly status?: Status;
  readonly verdict?: string;
  readonly reason?: string;
  readonly resultId?: number;
  readonly decidedAt?: string;
  readonly files: readonly ListedFile[];
};

/** A version of a source package as it is, or was, listed in a release, built on one architecture, and what became of it. */
export type BuiltVersion = {
  readonly sourcePackageId: number;
  readonly buildInputId: number;
  readonly distribution: string;
  readonly release?: string;
  readonly component?: string;
  readonly maintainer?: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly seen: boolean;
  readonly status?: Status;
  readonly verdict?: string;
  readonly reason?: string;
  readonly resultId?: number;
  readonly decidedAt?: string;
};

/** How many binary packages have each status. `fail` has those of inputs whose only results say nothing of the package. */
export type StatusCounts = {
  readonly good: number;
  readonly bad: number;
  readonly fail: number;
  readonly unknown: number;
};

/** What distributions publish, as syncs and clients told it. */
export interface PackageStore {
  /**
   * Takes a list in: one transaction, so that a crash changes nothing. Inputs that are new and have no deciding result
   * are queued; queued jobs of inputs that no profile lists any more leave the queue, unless somebody asked for them by
   * hand or they run. A file may be listed twice. Memory does not grow with what is unchanged. Throws STORE_BUSY when
   * another import of the same profile was taken in meanwhile.
   */
  import(order: Import, sources: AsyncIterable<ListedSource> | Iterable<ListedSource>): Promise<ImportCounts>;
  /** Says that a sync began, or how it ended. Nothing else of the profile changes. */
  noteSync(
    profile: string,
    event:
      | { readonly kind: 'started'; readonly distribution: string }
      | { readonly kind: 'unchanged' }
      | { readonly kind: 'failed'; readonly error: string },
  ): Promise<void>;
  profiles(): Promise<readonly Profile[]>;

  listFacts(of: 'sources' | 'binaries', filter: PackageFilter): Promise<ListFacts>;
  /** `facts`: what listFacts said of this filter, where it was asked before. */
  sourcePackages(
    filter: PackageFilter,
    page: PageRequest<'id' | 'name' | 'version' | 'last_seen'>,
    facts?: ListFacts,
  ): Promise<Page<SourcePackage>>;
  sourcePackage(id: number): Promise<SourcePackage | undefined>;
  binaryPackages(
    filter: PackageFilter,
    page: PageRequest<'id' | 'name' | 'version' | 'architecture' | 'status'>,
    facts?: ListFacts,
  ): Promise<Page<BinaryPackage>>;
  binaryPackage(id: number): Promise<BinaryPackage | undefined>;
  /** All that match, by id, read in pieces: memory does not grow with the list, and others are served in between. */
  eachBinaryPackage(filter: PackageFilter, range?: IdRange): AsyncIterable<readonly BinaryPackage[]>;
  /** Files of these names and versions (at most some hundreds), wherever and whenever they were listed, by id. */
  filesNamed(names: readonly { readonly name: string; readonly version: string }[]): Promise<readonly BinaryPackage[]>;
  buildInput(id: number): Promise<BuildInput | undefined>;
  /** Those of these ids, at most some thousands, that are there. */
  buildInputs(ids: readonly number[]): Promise<ReadonlyMap<number, BuildInput>>;

  /** All versions of source packages of these names, seen or not, those listed last first; at most 5,000. */
  versions(filter: OriginFilter & { readonly names: readonly string[] }): Promise<readonly BuiltVersion[]>;
  /** How many listed, unreproducible source packages have each kind of reason, the commonest first. */
  causes(filter: OriginFilter): Promise<
    readonly {
      readonly distribution: string;
      readonly release?: string;
      readonly cause: string;
      readonly packages: number;
    }[]
  >;
  /** How many listed source packages are not reproducible, by the word and reason of their shown results. */
  reasons(filter: OriginFilter): Promise<
    readonly {
      readonly distribution: string;
      readonly release?: string;
      readonly verdict: string;
      readonly reason?: string;
      readonly packages: number;
    }[]
  >;

  /** Each distribution, release and architecture that anything is known of, once, in order. */
  places(): Promise<
    readonly { readonly distribution: string; readonly release?: string; readonly architecture: string }[]
  >;
  distributions(): Promise<readonly string[]>;
  releases(distribution: string): Promise<readonly (string | undefined)[]>;
  architectures(distribution: string, release?: string | null): Promise<readonly string[]>;
  /** Counts of what is listed now, by release, component and architecture. */
  counts(filter: OriginFilter): Promise<
    readonly (StatusCounts & {
      readonly distribution: string;
      readonly release?: string;
      readonly component?: string;
      readonly architecture: string;
    })[]
  >;
  /** Writes today's counts beside those of earlier days; and those days, oldest first. */
  noteDay(): Promise<void>;
  days(filter: OriginFilter & { readonly since?: string }): Promise<
    readonly (StatusCounts & {
      readonly day: string;
      readonly distribution: string;
      readonly release?: string;
      readonly architecture: string;
    })[]
  >;
}
