import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** A sync that keeps a list of published packages up to date: one of the settings file, or a client's own. */
export type ProfileTable = {
  readonly id: Generated<number>;
  /** From the settings, or what a client's import is known by. */
  readonly name: string;
  readonly distribution: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  /** One line, escaped where it is shown; null after a sync that went well. */
  readonly error: string | null;
  /** Digest of all that the last good sync was made from: indices and rules. Equal: nothing to do. */
  readonly input_digest: string | null;
  /** Dates of the Release files of the last good sync by suite, as canonical JSON: an older one is a mirror gone back. */
  readonly suite_dates: string | null;
  /** How often it was imported: two imports of one profile at once are told by it. */
  readonly revision: number;
};

/** A source package of a release. `release` is empty where a distribution has none. */
export type SourcePackageTable = {
  readonly id: Generated<number>;
  readonly distribution: string;
  readonly release: string;
  readonly component: string | null;
  readonly name: string;
  readonly version: string;
  readonly maintainer: string | null;
  readonly first_seen_at: string;
  /** When it came, came back or went: a sync writes nothing to what is unchanged. A seen one was seen by its profile's last sync. */
  readonly last_seen_at: string;
  /** 1 while a profile lists any of its binaries. */
  readonly seen: number;
  /** The worst of its binaries' statuses, and the result it is of, for lists: the database keeps them. */
  readonly status: ColumnType<string | null, never, never>;
  readonly result_id: ColumnType<number | null, never, never>;
};

/**
 * What is built in one go and judged together: a source's version for an architecture, with exactly these published files.
 * The same files in several suites are one input. The columns from `status` on repeat what its results say, for lists.
 */
export type BuildInputTable = {
  readonly id: Generated<number>;
  /** What makes it this input: a digest of the files it has to give, or an address and an architecture. Unique. */
  readonly key: string;
  readonly distribution: string;
  readonly source: string;
  readonly version: string;
  /** dpkg's name of the machine that builds, or all. */
  readonly architecture: string;
  /** The suite it was first seen in: where its environment comes from. */
  readonly release: string;
  /** Of its source where it was first seen; empty where there is none. */
  readonly component: ColumnType<string, string | undefined, string>;
  /** Of the .buildinfo, for workers that begin there. */
  readonly url: string | null;
  readonly added_at: string;
  /** GOOD, BAD, FAIL or UNKWN; null before the first result. Of the result that decides: see result.decides. */
  readonly status: string | null;
  readonly verdict: string | null;
  readonly reason: string | null;
  readonly result_id: number | null;
  readonly decided_at: string | null;
  /** How often in a row it failed to build, failed by our doing, and came out different. */
  readonly build_failures: number;
  readonly our_failures: number;
  readonly differing: number;
  /** Of the longest of its builds: what a machine needs for it. */
  readonly wall_seconds: number | null;
  readonly memory_bytes: number | null;
  readonly disk_bytes: number | null;
};

/** A published file of a source package in a release. Status columns repeat those of its artifact in the deciding result. */
export type BinaryPackageTable = {
  readonly id: Generated<number>;
  readonly source_package_id: number;
  readonly build_input_id: number;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly component: string | null;
  readonly url: string;
  readonly file_name: string;
  readonly sha256: string | null;
  readonly size: number | null;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  readonly seen: number;
  readonly status: string | null;
  readonly artifact_id: number | null;
  readonly result_id: number | null;
  /** What lists show of that result and artifact, as JSON: the database fills it in. */
  readonly shown: GeneratedAlways<string | null>;
  /** Of its source package, for lists: the database fills them in where an insert has none of them. */
  readonly distribution: ColumnType<string, string | undefined, never>;
  readonly release: ColumnType<string, string | undefined, never>;
  readonly source: ColumnType<string, string | undefined, never>;
};

/** That a profile lists a binary package. A package is seen while any profile does. */
export type PublicationTable = { readonly profile_id: number; readonly binary_package_id: number };

/** How many packages of each status a release had at the end of a day (YYYY-MM-DD, UTC). */
export type DailyStatusTable = {
  readonly day: string;
  readonly distribution: string;
  readonly release: string;
  readonly architecture: string;
  readonly good: number;
  readonly bad: number;
  readonly fail: number;
  readonly unknown: number;
};
