import type { ArtifactVerdict, FileDigest, Json, Sha256, Verdict } from '../model/index.ts';

/** The documents that can be written. All are JSON. */
export const SBOM_FORMATS = ['cyclonedx-1.6', 'cyclonedx-1.7', 'spdx-2.3'] as const;
export type SbomFormat = (typeof SBOM_FORMATS)[number];

/** The predicate type of an in-toto statement that holds a document of the format. */
export const SBOM_PREDICATE_TYPES = {
  'cyclonedx-1.6': 'https://cyclonedx.org/bom',
  'cyclonedx-1.7': 'https://cyclonedx.org/bom',
  'spdx-2.3': 'https://spdx.dev/Document',
} as const satisfies Record<SbomFormat, string>;

/** A whole document: plain JSON without undefined members. Written with canonicalJson its bytes are those of its values alone. */
export type SbomDocument = { readonly [member: string]: Json };

/** A Debian package by name. What is absent is not known; a source package has the architecture `source`. */
export type PackageIdentity = {
  readonly name: string;
  /** Epoch and +bN included. */
  readonly version?: string;
  readonly architecture?: string;
  /** The release it is of, such as trixie: the purl's `distro`. */
  readonly suite?: string;
};

/** One file of a package's payload. `path` is absolute, one spelling for one name, without control characters. */
export type PayloadFile =
  | { readonly kind: 'file'; readonly path: string; readonly sha1: string; readonly sha256: Sha256 }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string };

/** The fields of a control file that name other packages, as deb-control(5) spells them. */
export const RELATION_FIELDS = [
  'Pre-Depends',
  'Depends',
  'Recommends',
  'Suggests',
  'Built-Using',
  'Static-Built-Using',
] as const;
export type RelationField = (typeof RELATION_FIELDS)[number];

/** What an SBOM tells of one binary package's file. */
export type ArtifactContents = {
  readonly package: PackageIdentity & { readonly version: string; readonly architecture: string };
  readonly source: { readonly name: string; readonly version: string };
  readonly file: FileDigest;
  /** Each field on one line, as written. */
  readonly relations: Readonly<Partial<Record<RelationField, string>>>;
  /**
   * The licences that a machine-readable copyright file gives (DEP-5), one short expression for each set of files;
   * undefined where the package says none that a program can read.
   */
  readonly licences: readonly string[] | undefined;
  /** In any order. */
  readonly files: readonly PayloadFile[];
  /** Seconds since 1970, as the file itself gives it. */
  readonly builtAt?: number;
};

/** A package of a build environment; `sha256` is of its .deb, and absent where only a .buildinfo names it. */
export type EnvironmentPackage = PackageIdentity & {
  readonly version: string;
  readonly sha256?: Sha256;
  readonly layer?: 'base' | 'build-dependencies';
};

/** What an SBOM tells of an environment and of the build in it. */
export type EnvironmentContents = {
  /** The source package that is built. */
  readonly source: { readonly name: string; readonly version: string; readonly suite?: string };
  readonly architecture: string;
  /** plan: what a rebuild was given. buildinfo: what a builder wrote down. */
  readonly basis:
    | {
        readonly kind: 'plan';
        readonly planDigest: Sha256;
        readonly lockDigest: Sha256;
        readonly rootfsDigest?: Sha256;
      }
    | { readonly kind: 'buildinfo'; readonly sha256: Sha256 };
  /** In any order. */
  readonly packages: readonly EnvironmentPackage[];
  /** The files of the source package. */
  readonly inputs: readonly FileDigest[];
  /** The files that were built, or are expected to be. */
  readonly outputs: readonly (FileDigest & { readonly package?: PackageIdentity })[];
  readonly variables: Readonly<Record<string, string>>;
  /** Further facts of the environment by name, such as umask or user. */
  readonly settings: Readonly<Record<string, string>>;
  /** Command lines, in order, as they are run. */
  readonly steps: readonly string[];
  /** SOURCE_DATE_EPOCH. */
  readonly sourceDateEpoch?: number;
  readonly claim?: RebuildClaim;
  /** Whose word all of this is, where whoever writes it down did not build: a key, as statements name it. */
  readonly toldBy?: string;
};

/** What a rebuild found: the declarations of its environment's SBOM. */
export type RebuildClaim = {
  readonly id: string;
  readonly verdict: Verdict;
  readonly artifacts: readonly ArtifactVerdict[];
  /** Name and version of the container engine. */
  readonly engine?: { readonly name: string; readonly version: string };
  /** When the first stage began and the last one ended; ISO 8601 in UTC. */
  readonly began?: string;
  readonly ended?: string;
};

/** Who writes a document. `version` is this product's; `operator` is who runs it, where that is to be told. */
export type SbomMaker = { readonly version: string; readonly operator?: string };

/** One package or file of an SBOM, as two of them are compared. */
export type InventoryItem = {
  readonly kind: 'package' | 'file' | 'dependency';
  /** A package's name, or a file's path. */
  readonly name: string;
  readonly architecture?: string;
  /** A package's version; a symbolic link's target; a dependency as it is written. */
  readonly version?: string;
  readonly sha256?: Sha256;
};

/** What an SBOM lists, whatever its format. `name` is for people. */
export type Inventory = {
  readonly kind: 'artifact' | 'environment';
  readonly name: string;
  readonly items: readonly InventoryItem[];
  /** True of a format that lists no symbolic links: those of the other side are left out, too. */
  readonly withoutSymlinks?: boolean;
};

/** What stands on one side of a change. */
export type InventoryState = Pick<InventoryItem, 'architecture' | 'version' | 'sha256'>;

/**
 * One difference between two inventories. version: another version. bytes: the same version, other bytes.
 * `left` is absent of what was added, `right` of what was removed.
 */
export type SbomChange = { readonly what: InventoryItem['kind']; readonly name: string } & (
  | { readonly kind: 'added'; readonly right: InventoryState }
  | { readonly kind: 'removed'; readonly left: InventoryState }
  | { readonly kind: 'version' | 'bytes'; readonly left: InventoryState; readonly right: InventoryState }
);

/** What changed from `left` to `right`. For the drift of an environment left is the published one, right is ours. */
export type SbomDiff = {
  readonly schema: 'reproof-sbom-diff/1';
  readonly left: { readonly kind: Inventory['kind']; readonly name: string };
  readonly right: { readonly kind: Inventory['kind']; readonly name: string };
  /** By what (package, dependency, file), name and architecture. */
  readonly changes: readonly SbomChange[];
  readonly counts: {
    readonly added: number;
    readonly removed: number;
    readonly version: number;
    readonly bytes: number;
    /** Equal by version and bytes. */
    readonly same: number;
    /** Equal by version, where a side does not say the bytes' digest. */
    readonly sameVersion: number;
  };
};
