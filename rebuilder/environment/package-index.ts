import { createReadStream } from 'node:fs';
import { isSha256, type LockedPackage, ReproofError, type SuiteIndices } from '../../model/index.ts';
import type { Fetcher } from '../fetch/types.ts';
import type { PackageRelations } from './closure.ts';

/** A paragraph of a Packages index longer than this is not believed. The longest real ones are some 10 KB. */
const PARAGRAPH_BYTES = 1_000_000;

/** A binary package an index offers: what a lock needs of it, and its relations. */
export type IndexedPackage = LockedPackage & PackageRelations;

/**
 * Every binary package of the suites' verified Packages files, in the files' order. One pass in bounded memory; only a
 * handful of fields of each paragraph is looked at. Throws INDEX_MALFORMED, INTERNAL when a file left the cache.
 */
export async function* indexedPackages(
  indices: readonly SuiteIndices[],
  fetcher: Fetcher,
): AsyncGenerator<IndexedPackage> {
  for (const suite of indices) {
    for (const index of suite.packages) {
      const file = await fetcher.cached(index.sha256);
      if (file === undefined)
        throw new ReproofError('INTERNAL', `reading ${suite.suite} ${index.path}: the verified index left the cache`);
      for await (const paragraph of paragraphTexts(file.path)) yield parse(paragraph, suite, index.component);
    }
  }
}

async function* paragraphTexts(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const parts = (rest + (chunk as string)).split('\n\n');
    rest = parts.pop() ?? '';
    if (rest.length > PARAGRAPH_BYTES)
      throw new ReproofError(
        'INDEX_MALFORMED',
        `reading a Packages index: a paragraph of more than ${PARAGRAPH_BYTES} bytes`,
      );
    for (const part of parts) if (part !== '') yield part;
  }
  if (rest.trim() !== '') yield rest;
}

function field(paragraph: string, name: string): string {
  const start = paragraph.startsWith(`${name}: `) ? 0 : paragraph.indexOf(`\n${name}: `) + 1;
  if (start === 0 && !paragraph.startsWith(`${name}: `)) return '';
  const from = start + name.length + 2;
  const end = paragraph.indexOf('\n', from);
  return paragraph.slice(from, end < 0 ? undefined : end).trim();
}

function parse(paragraph: string, suite: SuiteIndices, component: string): IndexedPackage {
  const name = field(paragraph, 'Package');
  const path = field(paragraph, 'Filename');
  const sha256 = field(paragraph, 'SHA256');
  const size = Number(field(paragraph, 'Size'));
  if (
    !/^[a-z0-9][a-z0-9+.-]*$/.test(name) ||
    !isSha256(sha256) ||
    !Number.isSafeInteger(size) ||
    size < 0 ||
    path === '' ||
    path.startsWith('/') ||
    path.split('/').includes('..')
  ) {
    throw new ReproofError(
      'INDEX_MALFORMED',
      `reading ${suite.suite} ${component} Packages: the paragraph of ${JSON.stringify(name.slice(0, 100))} lacks a sound name, path, size or digest`,
    );
  }
  return {
    name,
    version: field(paragraph, 'Version'),
    architecture: field(paragraph, 'Architecture'),
    size,
    sha256,
    origin: { kind: 'archive', archive: suite.archive, suite: suite.suite, component, path },
    essential: field(paragraph, 'Essential') === 'yes',
    preDepends: field(paragraph, 'Pre-Depends'),
    depends: field(paragraph, 'Depends'),
    provides: field(paragraph, 'Provides'),
  };
}

/** Exactly these packages, found in the indices; the first index that has one wins. Throws ENVIRONMENT_FAILED naming one that no index has. */
export async function locatePackages(
  wanted: readonly { readonly name: string; readonly version: string; readonly architecture: string }[],
  indices: readonly SuiteIndices[],
  fetcher: Fetcher,
): Promise<readonly LockedPackage[]> {
  const key = (item: { name: string; version: string; architecture: string }): string =>
    `${item.name} ${item.version} ${item.architecture}`;
  const missing = new Set(wanted.map(key));
  const found: LockedPackage[] = [];
  if (missing.size === 0) return found;
  for await (const item of indexedPackages(indices, fetcher)) {
    if (!missing.delete(key(item))) continue;
    const { name, version, architecture, size, sha256, origin } = item;
    found.push({ name, version, architecture, size, sha256, origin });
    if (missing.size === 0) return found;
  }
  throw new ReproofError(
    'ENVIRONMENT_FAILED',
    `locating what apt chose: no verified index has ${[...missing].slice(0, 3).join(', ')}`,
  );
}
