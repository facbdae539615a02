import { type LockedPackage, ReproofError, type SuiteIndices } from '../../model/index.ts';
import { findParagraphs, paragraphs, type WantedField } from '../ecosystem/debian/index-search.ts';
import { type PackageEntry, readPackageEntry } from '../ecosystem/debian/package-entry.ts';
import type { Fetcher } from '../fetch/types.ts';
import { alternativesOf, type PackageRelations } from './closure.ts';

/** A binary package an index offers: what a lock needs of it, and its relations. */
export type IndexedPackage = LockedPackage & PackageRelations;

type OpenedIndex = {
  readonly suite: string;
  readonly path: string;
  readonly file: string;
  readonly archive: string;
  readonly component: string;
};

async function* openIndices(indices: readonly SuiteIndices[], fetcher: Fetcher): AsyncGenerator<OpenedIndex> {
  for (const { archive, suite, packages } of indices) {
    for (const { path, sha256, component } of packages) {
      const cached = await fetcher.cached(sha256);
      if (cached === undefined)
        throw new ReproofError(
          'CACHE_MISSING',
          `reading the packages of ${suite}: the index ${path} is not in the cache any more`,
        );
      yield { suite, path, file: cached.path, archive, component };
    }
  }
}

/**
 * The entries of the suites' verified Packages files that have one of these fields, in the files' order. Throws
 * INDEX_MALFORMED, CACHE_MISSING.
 */
export async function* findIndexed(
  wanted: readonly WantedField[],
  indices: readonly SuiteIndices[],
  fetcher: Fetcher,
): AsyncGenerator<IndexedPackage> {
  for await (const index of openIndices(indices, fetcher)) {
    for await (const paragraph of findParagraphs(index, wanted))
      yield indexedPackage(readPackageEntry(paragraph), index);
  }
}

/** The entries that provide one of these names: virtual packages have no entry of their own (Debian Policy 7.5). */
export async function* findProviders(
  names: ReadonlySet<string>,
  indices: readonly SuiteIndices[],
  fetcher: Fetcher,
): AsyncGenerator<IndexedPackage> {
  for await (const index of openIndices(indices, fetcher)) {
    for await (const paragraph of paragraphs(index)) {
      const provided = alternativesOf(paragraph.get('Provides') ?? '').flat();
      if (provided.some((name) => names.has(name))) yield indexedPackage(readPackageEntry(paragraph), index);
    }
  }
}

function indexedPackage(entry: PackageEntry, index: OpenedIndex): IndexedPackage {
  const { essential, preDepends, depends, provides } = entry;
  return { ...lockedPackage(entry, index), essential, preDepends, depends, provides };
}

function lockedPackage(entry: PackageEntry, index: OpenedIndex): LockedPackage {
  return {
    name: entry.package,
    version: entry.version,
    architecture: entry.architecture,
    size: entry.size,
    sha256: entry.sha256,
    origin: {
      kind: 'archive',
      archive: index.archive,
      suite: index.suite,
      component: index.component,
      path: entry.filename,
    },
  };
}

type Wanted = { readonly name: string; readonly version: string; readonly architecture: string };

/** Exactly these packages, found in the indices; the first index that has one wins. Throws ENVIRONMENT_FAILED naming one that no index has. */
export async function locatePackages(
  wanted: readonly Wanted[],
  indices: readonly SuiteIndices[],
  fetcher: Fetcher,
): Promise<readonly LockedPackage[]> {
  const key = (item: Wanted): string => `${item.name} ${item.version} ${item.architecture}`;
  const missing = new Set(wanted.map(key));
  const found: LockedPackage[] = [];
  for await (const index of openIndices(indices, fetcher)) {
    if (missing.size === 0) break;
    const names = wanted
      .filter((item) => missing.has(key(item)))
      .map((item) => ({ field: 'Package', value: item.name }));
    for await (const paragraph of findParagraphs(index, names)) {
      const item = lockedPackage(readPackageEntry(paragraph), index);
      if (missing.delete(key(item))) found.push(item);
    }
  }
  if (missing.size > 0)
    throw new ReproofError(
      'ENVIRONMENT_FAILED',
      `locating what apt chose: no verified index has ${[...missing].slice(0, 3).join(', ')}`,
    );
  return found;
}
