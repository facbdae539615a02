/** The packaging ecosystems there are. A new one is an id here, a folder and a registry line. */
export type EcosystemId = 'debian';

/** What a person asked for, before anything was looked up. */
export type TargetRequest =
  | {
      readonly kind: 'name';
      readonly ecosystem: EcosystemId;
      /** A source package's name, or a binary's, which resolves to its source. */
      readonly name: string;
      readonly version?: string;
      readonly suite?: string;
      readonly architecture?: string;
    }
  /** A .dsc or .buildinfo by local path or http(s) URL. */
  | {
      readonly kind: 'dsc' | 'buildinfo';
      readonly ecosystem: EcosystemId;
      readonly location: string;
      readonly suite?: string;
      readonly architecture?: string;
    };

/** What was published and we try to reproduce. `version` is the source's, epoch included. */
export type Target = {
  readonly ecosystem: EcosystemId;
  readonly source: string;
  readonly version: string;
  /** dpkg's name of the machine that builds, such as amd64. */
  readonly architecture: string;
  /** The suite's codename, such as trixie. */
  readonly suite: string;
};

/** What was published: one binary package's file, as a verified index names it. */
export type PublishedArtifact = {
  /** The file's base name (its version without the epoch). */
  readonly name: string;
  readonly package: string;
  /** The binary's version, epoch and +bN included. */
  readonly version: string;
  readonly architecture: string;
  readonly size: number;
  readonly sha256: string;
  readonly origin: Origin;
};

/** Where bytes came from, told without the mirror's host, so that the same archive gives the same words anywhere. */
export type Origin =
  /** A file under an archive's root, vouched for by a signed index. */
  | {
      readonly kind: 'archive';
      /** The archive's name: debian, debian-security, debian-debug. */
      readonly archive: string;
      readonly suite: string;
      readonly component: string;
      /** Path under the archive's root, such as pool/main/l/less/less_668-1_amd64.deb. */
      readonly path: string;
    }
  /** A file that snapshot.debian.org's machine interface names by SHA-1; no signed index was consulted. */
  | { readonly kind: 'snapshot'; readonly sha1: string; readonly name: string }
  /** A file given by the user: a path or an address outside the archive. Only its base name is kept. */
  | { readonly kind: 'given'; readonly name: string };
