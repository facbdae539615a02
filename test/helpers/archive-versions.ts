import { readFile } from 'node:fs/promises';
import { ArchiveView, type Found, familyOf } from '../../rebuilder/ecosystem/debian/archive-view.ts';
import { indexedBinary } from '../../rebuilder/ecosystem/debian/binaries.ts';
import { paragraphs } from '../../rebuilder/ecosystem/debian/index-search.ts';
import { mirrorsFor } from '../../rebuilder/ecosystem/debian/mirrors.ts';
import { openFetcher } from '../../rebuilder/fetch/index.ts';
import { labOptions } from './engine-lab.ts';

/** A package as the archive has it now. */
export type Offered = {
  readonly name: string;
  readonly version: string;
  readonly suite: string;
  readonly size: number;
};

const SUITE = 'trixie';
const RELATIONS = ['Pre-Depends', 'Depends', 'Conflicts', 'Breaks'];

/** Reads the real archive, with the lab's cache, as a rebuild reads it. */
async function withArchive<T>(
  work: (
    view: ArchiveView,
    fetch: (found: Found) => Promise<Buffer>,
    fetchPath: (found: Found) => Promise<string>,
  ) => Promise<T>,
): Promise<T> {
  const { aptFolder, cacheFolder, components, fetch, keyring, snapshot } = labOptions();
  const fetcher = openFetcher({ cacheFolder, ...fetch });
  const signal = new AbortController().signal;
  try {
    const now = new Date();
    const { mirrors } = await mirrorsFor({ aptFolder, snapshotBase: snapshot, now });
    const view = new ArchiveView({
      fetcher,
      mirrors,
      snapshotBase: snapshot,
      keyring,
      allowExpired: false,
      components,
      only: [],
      now,
      hostArchitecture: 'amd64',
      signal,
    });
    const fetchPath = async (found: Found): Promise<string> => {
      const binary = indexedBinary(found);
      return (await fetcher.fetchFile({ ...binary, urls: [binary.url] }, signal)).path;
    };
    return await work(view, async (found) => readFile(await fetchPath(found)), fetchPath);
  } finally {
    await fetcher.close();
  }
}

/**
 * A package that the release has in one version and a suite that completes it (security, updates) in another, and that can
 * be exchanged alone in an environment of `installed` (names): one that is installed and bound to no exact version, else
 * one that needs nothing. Chosen from today's indices, the smallest first. Throws when the archive has none.
 */
export async function packageOfTwoVersions(
  installed: readonly string[],
): Promise<{ readonly release: Offered; readonly other: Offered }> {
  return withArchive(async (view) => {
    const bound = await exactlyBound(view, installed);
    const isFree = ({ paragraph }: Found): boolean => {
      const name = paragraph.get('Package') ?? '';
      const relations = RELATIONS.map((field) => paragraph.get(field) ?? '').join();
      return installed.includes(name)
        ? !bound.has(name) && !/\(= /.test(relations)
        : relations.replaceAll(',', '') === '';
    };
    const release = await view.suite(SUITE);
    const others: Found[] = [];
    for (const name of familyOf(SUITE).slice(1)) {
      const suite = await view.suiteIfAny(name);
      for (const index of suite === undefined ? [] : await view.packages(suite, 'amd64'))
        for await (const paragraph of paragraphs(index))
          if (suite !== undefined && isFree({ index, suite, paragraph })) others.push({ index, suite, paragraph });
    }
    const names = others.map(({ paragraph }) => ({ field: 'Package', value: paragraph.get('Package') ?? '' }));
    const known = new Map(
      (await view.find(release, { packages: 'amd64' }, names))
        .filter(isFree)
        .map((found) => [offered(found).name, offered(found)]),
    );
    const pairs = others
      .map(offered)
      .flatMap((other) => {
        const same = known.get(other.name);
        return same === undefined || same.version === other.version ? [] : [{ release: same, other }];
      })
      .sort((left, right) => rank(installed, left.other) - rank(installed, right.other));
    const [first] = pairs;
    if (first === undefined) throw new Error(`no package of ${SUITE} has two versions`);
    return first;
  });
}

/** The smallest arch:all package of `installed` that is bound to no exact version, with its bytes. */
export async function smallIndependentPackage(
  installed: readonly string[],
): Promise<Offered & { readonly bytes: Buffer }> {
  return withArchive(async (view, fetch) => {
    const bound = await exactlyBound(view, installed);
    const fields = installed.map((value) => ({ field: 'Package', value }));
    const found = (await view.find(await view.suite(SUITE), { packages: 'amd64' }, fields))
      .filter(({ paragraph }) => paragraph.get('Architecture') === 'all' && !bound.has(paragraph.get('Package') ?? ''))
      .sort((left, right) => offered(left).size - offered(right).size)[0];
    if (found === undefined) throw new Error('no installed package is of Architecture: all');
    return { ...offered(found), bytes: await fetch(found) };
  });
}

/** Names that an installed package depends on in one exact version. */
async function exactlyBound(view: ArchiveView, installed: readonly string[]): Promise<ReadonlySet<string>> {
  const fields = installed.map((value) => ({ field: 'Package', value }));
  const found = await view.find(await view.suite(SUITE), { packages: 'amd64' }, fields);
  const relations = found.flatMap(({ paragraph }) => RELATIONS.map((field) => paragraph.get(field) ?? ''));
  return new Set(
    relations.flatMap((text) =>
      [...text.matchAll(/([a-z0-9][a-z0-9+.-]+)(?::\w+)? \(= /g)].map(([, name]) => name ?? ''),
    ),
  );
}

function offered(found: Found): Offered {
  const { package: name, version, size } = indexedBinary(found);
  return { name, version, size, suite: found.suite.suite };
}

function rank(installed: readonly string[], { name, size }: Offered): number {
  return installed.includes(name) ? size : size + 1e12;
}

/** The files of these packages as the release has them, in the lab's cache: base name and path, in the order asked. */
export async function releasedPackages(
  names: readonly string[],
): Promise<readonly { readonly name: string; readonly path: string; readonly version: string }[]> {
  return withArchive(async (view, _fetch, fetchPath) => {
    const fields = names.map((value) => ({ field: 'Package', value }));
    const found = await view.find(await view.suite(SUITE), { packages: 'amd64' }, fields);
    return Promise.all(
      names.map(async (name) => {
        const one = found.find(({ paragraph }) => paragraph.get('Package') === name);
        if (one === undefined) throw new Error(`${SUITE} has no package ${name}`);
        const { name: file, version } = indexedBinary(one);
        return { name: file, version, path: await fetchPath(one) };
      }),
    );
  });
}
