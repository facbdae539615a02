import { type BuildInfo, isReproofError, type LocatedPackage } from '../../../model/index.ts';
import type { LocateContext } from '../types.ts';
import type { ArchiveView } from './archive-view.ts';
import { type IndexedBinary, indexedBinary } from './binaries.ts';
import type { VerifiedSuite } from './release.ts';
import { snapshotBinary } from './snapshot.ts';

/** A recorded environment's packages, or those that are nowhere to be had, as NAME=VERSION (NAME:ARCH=VERSION). */
export type RecordedPackages =
  | { readonly packages: readonly LocatedPackage[] }
  | { readonly missing: readonly string[] };

type Wanted = BuildInfo['installedBuildDepends'][number];

const AT_A_TIME = 4;
const NAMES_SHOWN = 10;

/**
 * Finds every package a .buildinfo says was installed, in exactly that version: in the suites' indices, all in one pass
 * over each, the rest through the snapshot service. Result sorted by name, then architecture.
 */
export async function locateRecorded(
  info: BuildInfo,
  suites: readonly VerifiedSuite[],
  { view, context }: { readonly view: ArchiveView; readonly context: LocateContext },
): Promise<RecordedPackages> {
  const native = info.buildArchitecture;
  const fields = info.installedBuildDepends.map(({ name }) => ({ field: 'Package', value: name }));
  const known = new Map<string, IndexedBinary>();
  for (const suite of suites) {
    for (const found of await view.find(suite, { packages: native }, fields)) {
      const binary = indexedBinary(found);
      const key = `${binary.package}=${binary.version}:${binary.architecture}`;
      if (!known.has(key)) known.set(key, binary);
    }
  }
  const packages: LocatedPackage[] = [];
  const rest: Wanted[] = [];
  for (const wanted of info.installedBuildDepends) {
    const binary = [wanted.architecture ?? native, 'all']
      .map((architecture) => known.get(`${wanted.name}=${wanted.version}:${architecture}`))
      .find((found) => found !== undefined);
    if (binary === undefined) rest.push(wanted);
    else packages.push(locatedFromIndex(binary));
  }
  const { kept, missing } = await fromSnapshot(rest, native, { view, context });
  if (missing.length > 0) return { missing: missing.map(spell) };
  return {
    packages: [...packages, ...kept].sort(
      (left, right) => compare(left.package, right.package) || compare(left.architecture, right.architecture),
    ),
  };
}

function locatedFromIndex(binary: IndexedBinary): LocatedPackage {
  const { name, size, sha256, origin, url, package: packageName, version, architecture } = binary;
  return { name, size, sha256, origin, urls: [url], package: packageName, version, architecture };
}

async function fromSnapshot(
  rest: readonly Wanted[],
  native: string,
  { view, context }: { readonly view: ArchiveView; readonly context: LocateContext },
): Promise<{ readonly kept: readonly LocatedPackage[]; readonly missing: readonly Wanted[] }> {
  const kept: LocatedPackage[] = [];
  const missing: Wanted[] = [];
  const queue = [...rest];
  let isDown = false;
  const work = async (): Promise<void> => {
    for (let wanted = queue.shift(); wanted !== undefined; wanted = queue.shift()) {
      try {
        const located = isDown ? undefined : await one(wanted, native, context);
        if (located === undefined) missing.push(wanted);
        else kept.push(located);
      } catch (error) {
        if (!isReproofError(error, 'FETCH_FAILED', 'FETCH_TIMEOUT')) throw error;
        // Hundreds of packages would each wait for a service that does not answer.
        isDown = true;
        missing.push(wanted);
        view.note(`the snapshot service could not be asked: ${error.code}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  if (kept.length > 0) {
    const names = kept.map((item) => `${item.package}=${item.version}`).sort();
    const shown = names.length > NAMES_SHOWN ? `${names.slice(0, NAMES_SHOWN).join(', ')}, …` : names.join(', ');
    view.note(`${kept.length} of the recorded packages came from the snapshot service, named by SHA-1 alone: ${shown}`);
  }
  return { kept, missing };
}

async function one(wanted: Wanted, native: string, context: LocateContext): Promise<LocatedPackage | undefined> {
  const { fetcher, signal, snapshotBase: base } = context;
  const architecture = wanted.architecture ?? native;
  const file = await snapshotBinary({ ...wanted, architecture }, { base, fetcher, signal });
  if (file === undefined) return undefined;
  try {
    const { name, size, sha1, url } = file;
    const cached = await fetcher.fetchBySha1({ name, size, sha1, urls: [url] }, signal);
    return {
      name,
      size,
      sha256: cached.sha256,
      origin: { kind: 'snapshot', sha1, name },
      urls: [url],
      package: wanted.name,
      version: wanted.version,
      architecture: file.architecture,
    };
  } catch (error) {
    if (isReproofError(error, 'FETCH_NOT_FOUND')) return undefined;
    throw error;
  }
}

function spell(wanted: Wanted): string {
  return `${wanted.name}${wanted.architecture === undefined ? '' : `:${wanted.architecture}`}=${wanted.version}`;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
