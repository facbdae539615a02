import { ReproofError, type SuiteIndices } from '../../model/index.ts';
import { compareVersions } from '../ecosystem/debian/version.ts';
import { closureOf } from './closure.ts';
import { importRoot } from './import-root.ts';
import { type IndexedPackage, indexedPackages } from './package-index.ts';
import type { EnvironmentContext } from './types.ts';

/** What a build environment has beside the essential packages: what sbuild's and the archive's own builders have. */
export const BUILDD_PACKAGES = ['apt', 'build-essential', 'fakeroot'] as const;

/**
 * An image in which the suite's own apt runs, unpacked and not installed: only used to ask apt what a base is made of,
 * never to build in. The caller removes it.
 */
export async function seedImage(indices: readonly SuiteIndices[], context: EnvironmentContext): Promise<string> {
  const newest = new Map<string, IndexedPackage>();
  for await (const item of indexedPackages(indices, context.fetcher)) {
    const known = newest.get(item.name);
    if (known === undefined || compareVersions(known.version, item.version) < 0) newest.set(item.name, item);
  }
  const packages = [...newest.values()];
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
