import { ReproofError, type SuiteIndices } from '../../model/index.ts';
import { compareVersions } from '../ecosystem/debian/version.ts';
import { alternativesOf, closureOf } from './closure.ts';
import { importRoot } from './import-root.ts';
import { findIndexed, findProviders, type IndexedPackage } from './package-index.ts';
import type { EnvironmentContext } from './types.ts';

/** What a build environment has beside the essential packages: what sbuild's and the archive's own builders have. */
export const BUILDD_PACKAGES = ['apt', 'build-essential', 'fakeroot'] as const;

/**
 * An image in which the suite's own apt runs, unpacked and not installed: only used to ask apt what a base is made of,
 * never to build in. The caller removes it.
 */
export async function seedImage(indices: readonly SuiteIndices[], context: EnvironmentContext): Promise<string> {
  const packages = await reachablePackages(indices, context);
  const roots = [...packages.filter((item) => item.essential).map((item) => item.name), 'apt'];
  const wanted = closureOf(roots, packages);
  if (wanted.size < 2)
    throw new ReproofError('ENVIRONMENT_FAILED', 'choosing a base: the indices hold no essential packages');
  const chosen = packages
    .filter((item) => wanted.has(item.name))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  const files = await context.fetcher.fetchFiles(
    chosen.map((item) => ({
      name: `${item.name}_${item.version}_${item.architecture}.deb`,
      size: item.size,
      sha256: item.sha256,
      urls: context.addresses(item.origin),
    })),
    { signal: context.signal, onProgress: (state) => context.report({ kind: 'fetch', ...state }) },
  );
  return importRoot(
    files.map((file) => file.path),
    context,
  );
}

/**
 * The essential packages, apt, and what these need, newest version of each. Looked up round by round instead of reading
 * the whole index into memory: a suite has 70,000 packages, and some 80 are needed.
 */
async function reachablePackages(
  indices: readonly SuiteIndices[],
  { fetcher }: EnvironmentContext,
): Promise<readonly IndexedPackage[]> {
  const known = new Map<string, IndexedPackage>();
  const absent = new Set<string>();
  const take = async (found: AsyncIterable<IndexedPackage>): Promise<void> => {
    for await (const item of found) {
      const other = known.get(item.name);
      if (other === undefined || compareVersions(other.version, item.version) < 0) known.set(item.name, item);
    }
  };
  await take(
    findIndexed(
      [
        { field: 'Essential', value: 'yes' },
        { field: 'Package', value: 'apt' },
      ],
      indices,
      fetcher,
    ),
  );
  for (;;) {
    const open = [...known.values()]
      .flatMap((item) => [...alternativesOf(item.preDepends), ...alternativesOf(item.depends)])
      .filter((names) => !names.some((name) => known.has(name)));
    const next = new Set(
      open.map((names) => names.find((name) => !absent.has(name))).filter((name) => name !== undefined),
    );
    if (next.size > 0) {
      await take(
        findIndexed(
          [...next].map((value) => ({ field: 'Package', value })),
          indices,
          fetcher,
        ),
      );
      for (const name of next) if (!known.has(name)) absent.add(name);
      continue;
    }
    const virtual = new Set(open.flat().filter((name) => !provided(known, name)));
    const before = known.size;
    if (virtual.size > 0) await take(findProviders(virtual, indices, fetcher));
    // Nobody provides the rest: the package manager will say so if it matters.
    if (known.size === before) return [...known.values()];
  }
}

function provided(known: ReadonlyMap<string, IndexedPackage>, name: string): boolean {
  return [...known.values()].some((item) => alternativesOf(item.provides).flat().includes(name));
}
