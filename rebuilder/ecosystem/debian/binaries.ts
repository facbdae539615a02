import { type BuildRun, type Origin, type PublishedArtifact, ReproofError } from '../../../model/index.ts';
import type { Found } from './archive-view.ts';
import { nearestNames } from './nearest-names.ts';
import { readPackageEntry } from './package-entry.ts';

/** A binary package of an index: what is published, whose source it is, and where to get it. */
export type IndexedBinary = PublishedArtifact & {
  readonly source: string;
  readonly sourceVersion: string;
  readonly url: string;
};

const BIN_NMU = /\+b([1-9][0-9]*)$/;

/** Reads a Packages paragraph. Throws INDEX_MALFORMED naming the field. */
export function indexedBinary({ index, suite, paragraph }: Found): IndexedBinary {
  const entry = readPackageEntry(paragraph);
  const path = entry.filename;
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    package: entry.package,
    version: entry.version,
    architecture: entry.architecture,
    size: entry.size,
    sha256: entry.sha256,
    origin: poolOrigin(index, path),
    source: entry.source,
    sourceVersion: entry.sourceVersion,
    url: `${suite.baseUrl}/${path}`,
  };
}

/** What a record keeps of a binary. */
export function publishedArtifact(binary: IndexedBinary): PublishedArtifact {
  const { source: _source, sourceVersion: _version, url: _url, ...artifact } = binary;
  return artifact;
}

/** The binaries of one source version that a machine of `architecture` can use, sorted by file name, each once. */
export function binariesOf(
  all: readonly IndexedBinary[],
  wanted: { readonly source: string; readonly version: string; readonly architecture: string },
): readonly IndexedBinary[] {
  const own = all.filter(
    (binary) =>
      binary.source === wanted.source &&
      binary.sourceVersion === wanted.version &&
      (binary.architecture === 'all' || binary.architecture === wanted.architecture),
  );
  const byName = new Map(own.map((binary) => [binary.name, binary]));
  return [...byName.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

/**
 * The version of a binNMU among the binaries of one source version, as its changelog entry has it (the source's with
 * +bN, the highest N there is); undefined when there is none. arch:all packages are never built by a binNMU.
 */
export function binNmuVersion(binaries: readonly IndexedBinary[]): string | undefined {
  const numbers = binaries
    .filter((binary) => binary.architecture !== 'all' && binary.version !== binary.sourceVersion)
    .map((binary) => Number(BIN_NMU.exec(binary.version)?.[1] ?? 0));
  const highest = Math.max(0, ...numbers);
  return highest === 0 ? undefined : `${binaries[0]?.sourceVersion}+b${highest}`;
}

/** Which runs build what a source builds at all: `architectures` is the .dsc's Architecture field. */
export function runsFor(architectures: readonly string[]): readonly BuildRun[] {
  if (!architectures.includes('all')) return [{ packages: 'any' }];
  return architectures.every((word) => word === 'all') ? [{ packages: 'all' }] : [{ packages: 'both' }];
}

/** The origin of a file that an index names. */
export function poolOrigin({ archive, suite, component }: Found['index'], path: string): Origin {
  return { kind: 'archive', archive, suite, component, path };
}

/** Names in --only that were not published are a mistake. Throws TARGET_UNKNOWN with the nearest names. */
export function checkOnly(binaries: readonly { readonly package: string }[], only: readonly string[]): void {
  const names = binaries.map((binary) => binary.package);
  const wrong = only.find((name) => !names.includes(name));
  if (wrong === undefined || names.length === 0) return;
  const near = nearestNames(wrong, names, 5);
  const hint = near.length > 0 ? near : names.toSorted().slice(0, 10);
  throw new ReproofError(
    'TARGET_UNKNOWN',
    `looking for --only ${wrong}: it is not among the binaries; there is ${hint.join(', ')}`,
  );
}
