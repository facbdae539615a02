import type { FileDigest } from './digest.ts';

/** What the original builder wrote down (deb-buildinfo(5)), parsed; `text` is the whole of it, verbatim. */
export type BuildInfo = {
  readonly source: string;
  /** The source's version, epoch included and without any +bN. */
  readonly sourceVersion: string;
  /** The Version field: the binaries' version, +bN included. */
  readonly version: string;
  /** The Architecture field's words: amd64, all, source. */
  readonly architectures: readonly string[];
  readonly buildArchitecture: string;
  /** Build-Path, when the builder kept it. */
  readonly buildPath?: string;
  readonly buildOrigin?: string;
  /** Binary-Only-Changes, unfolded: the changelog entry of a binNMU. */
  readonly binaryOnlyChanges?: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Installed-Build-Depends: exact versions; architecture only where the field qualifies the name. */
  readonly installedBuildDepends: readonly {
    readonly name: string;
    readonly version: string;
    readonly architecture?: string;
  }[];
  /** Checksums-Sha256: the files that were built. */
  readonly artifacts: readonly FileDigest[];
  readonly text: string;
};
