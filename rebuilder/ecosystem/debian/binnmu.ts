import type { BuildRun } from '../../../model/index.ts';
import type { LocateContext } from '../types.ts';
import { binNmuVersion, type IndexedBinary } from './binaries.ts';
import { binaryOnlyEntries, newestEntry } from './changelog.ts';
import { binaryChangelog, CHANGELOG_LIMITS } from './source-changelog.ts';
import { fetchIfAny } from './source-files.ts';

/** How many .debs are looked into for a binNMU's changelog entry before it is given up. */
const MAX_DEBS_READ = 20;

type Runs = { readonly runs: readonly BuildRun[]; readonly sourceDateEpoch: number };

/**
 * How the published binaries are built: as the source says, or for a binNMU with the changelog entry that only its
 * binaries hold, and arch:all packages in a run of their own, without it.
 */
export async function binaryRuns(
  binaries: readonly IndexedBinary[],
  source: { readonly inferred: readonly BuildRun[]; readonly epochSeconds: number; readonly context: LocateContext },
): Promise<Runs | { readonly missing: readonly string[] }> {
  const version = binNmuVersion(binaries);
  if (version === undefined) return { runs: source.inferred, sourceDateEpoch: source.epochSeconds };
  const entry = await findBinNmuEntry(binaries, version, source.context);
  if (entry === undefined) return { missing: [`the changelog entry of ${binaries[0]?.source} ${version}`] };
  const own = newestEntry(entry, `${binaries[0]?.source} ${version}`).epochSeconds;
  const nmu: BuildRun = { packages: 'any', binaryOnlyChanges: entry };
  const all: BuildRun = { packages: 'all', sourceDateEpoch: source.epochSeconds };
  const hasAll = binaries.some((binary) => binary.architecture === 'all');
  return { runs: hasAll ? [nmu, all] : [nmu], sourceDateEpoch: own };
}

async function findBinNmuEntry(
  binaries: readonly IndexedBinary[],
  version: string,
  context: LocateContext,
): Promise<string | undefined> {
  const number = version.slice(version.lastIndexOf('+b'));
  const rebuilt = binaries
    .filter((binary) => binary.architecture !== 'all' && binary.version.endsWith(number))
    .sort((left, right) => left.size - right.size || (left.name < right.name ? -1 : 1));
  for (const binary of rebuilt.slice(0, MAX_DEBS_READ)) {
    const file = await fetchIfAny({ ...binary, urls: [binary.url] }, context);
    if (file === undefined) continue;
    const deb = { name: binary.name, path: file.path, package: binary.package, architecture: binary.architecture };
    const text = await binaryChangelog(deb, CHANGELOG_LIMITS, context.signal);
    const entry = text === undefined ? undefined : binaryOnlyEntries(text, { source: binary.source, version });
    if (entry !== undefined) return entry;
  }
  return undefined;
}
