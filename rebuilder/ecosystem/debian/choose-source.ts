import { ReproofError, type TargetRequest } from '../../../model/index.ts';
import type { ArchiveView, Found } from './archive-view.ts';
import { binariesOf, type IndexedBinary, indexedBinary } from './binaries.ts';
import { packageNames } from './index-search.ts';
import { nearestNames } from './nearest-names.ts';
import type { VerifiedSuite } from './release.ts';
import { compareVersions, isVersion } from './version.ts';

/** The source package a name stands for. `found` is undefined when binaries of it are published but it is not. */
export type ChosenSource = {
  readonly source: string;
  readonly version: string;
  readonly found: Found | undefined;
  /** The binaries of that version for the architecture, sorted by file name. */
  readonly binaries: readonly IndexedBinary[];
};

type NameRequest = Extract<TargetRequest, { kind: 'name' }>;
type Where = { readonly suite: VerifiedSuite; readonly architecture: string; readonly view: ArchiveView };

const NEAREST = 5;
const VERSIONS_SHOWN = 10;

/**
 * Finds what a name means in a suite: a source of that name, else the source of the binary of that name (with a note).
 * Without a version the newest source counts, Extra-Source-Only ones left out; a version may be the source's or a
 * binary's. Throws TARGET_UNKNOWN with the nearest names, or with the versions there are.
 */
export async function chooseSource(request: NameRequest, where: Where): Promise<ChosenSource> {
  const own = await lookUp(request.name, where);
  if (own.sources.length > 0 || own.binaries.some((binary) => binary.source === request.name)) {
    return choose(request.name, request.version, { ...own, where });
  }
  const candidates = own.binaries.filter((binary) => binary.package === request.name);
  if (candidates.length === 0) throw await unknownName(request.name, where);
  const wanted = candidates.filter(
    ({ version, sourceVersion }) => request.version === undefined || [version, sourceVersion].includes(request.version),
  );
  const newest = wanted.toSorted((left, right) => compareVersions(right.version, left.version))[0];
  if (newest === undefined) {
    throw unknownVersion(
      request,
      where,
      candidates.map(({ version }) => version),
    );
  }
  where.view.note(`${request.name} is a binary package of the source ${newest.source}`);
  return choose(newest.source, newest.sourceVersion, { ...(await lookUp(newest.source, where)), where });
}

/** Sources of exactly this version, in the suite's own indices. */
export async function findSource(
  wanted: { readonly source: string; readonly version: string },
  suite: VerifiedSuite,
  view: ArchiveView,
): Promise<Found | undefined> {
  const found = await view.find(suite, 'sources', [{ field: 'Package', value: wanted.source }]);
  return found.find(({ paragraph }) => sameVersion(paragraph.get('Version') ?? '', wanted.version));
}

type Known = { readonly sources: readonly Found[]; readonly binaries: readonly IndexedBinary[] };

/** Sources of a name, and binaries of that name or of that source. */
async function lookUp(name: string, { suite, architecture, view }: Where): Promise<Known> {
  const sources = await view.find(suite, 'sources', [{ field: 'Package', value: name }]);
  const wanted = [
    { field: 'Package', value: name },
    { field: 'Source', value: name },
  ];
  const binaries = await view.find(suite, { packages: architecture }, wanted);
  return { sources, binaries: binaries.map(indexedBinary) };
}

function choose(source: string, version: string | undefined, known: Known & { readonly where: Where }): ChosenSource {
  const versionOf = (found: Found): string => found.paragraph.get('Version') ?? '';
  const binaries = known.binaries.filter((binary) => binary.source === source);
  const current = known.sources.filter((found) => found.paragraph.get('Extra-Source-Only')?.toLowerCase() !== 'yes');
  const built = binaries.map((binary) => binary.sourceVersion);
  const all = [...known.sources.map(versionOf), ...built];
  const inSources = current.map(versionOf);
  const chosen =
    version === undefined
      ? newestOf(inSources.length > 0 ? inSources : all)
      : (all.find((other) => sameVersion(other, version)) ??
        binaries.find((binary) => sameVersion(binary.version, version))?.sourceVersion);
  if (chosen === undefined) {
    throw unknownVersion({ name: source, version }, known.where, [...all, ...binaries.map((binary) => binary.version)]);
  }
  return {
    source,
    version: chosen,
    found: known.sources.find((found) => sameVersion(versionOf(found), chosen)),
    binaries: binariesOf(binaries, { source, version: chosen, architecture: known.where.architecture }),
  };
}

function newestOf(versions: readonly string[]): string | undefined {
  return versions.filter(isVersion).sort((left, right) => compareVersions(right, left))[0];
}

function sameVersion(left: string, right: string): boolean {
  return isVersion(left) && isVersion(right) && compareVersions(left, right) === 0;
}

async function unknownName(name: string, { suite, architecture, view }: Where): Promise<ReproofError> {
  const indices = [...(await view.sources(suite)), ...(await view.packages(suite, architecture))];
  const names = (await Promise.all(indices.map(packageNames))).flat();
  const near = nearestNames(name, names, NEAREST);
  const hint = near.length === 0 ? 'no name there is like it' : `did you mean ${near.join(', ')}?`;
  const components = [...new Set(indices.map((index) => index.component))].join(', ');
  return new ReproofError('TARGET_UNKNOWN', `looking for ${name} in ${suite.suite} (${components}): ${hint}`, {
    context: { name, suite: suite.suite },
  });
}

function unknownVersion(
  request: { readonly name: string; readonly version?: string | undefined },
  { suite }: Where,
  versions: readonly string[],
): ReproofError {
  const known = [...new Set(versions)].filter(isVersion).sort((left, right) => compareVersions(right, left));
  const there = `${suite.suite} has ${known.slice(0, VERSIONS_SHOWN).join(', ') || 'none'}`;
  return new ReproofError('TARGET_UNKNOWN', `looking for ${request.name} ${request.version ?? ''}: ${there}`, {
    context: { name: request.name, version: request.version, suite: suite.suite },
  });
}

/**
 * The first of the candidates whose Sources have this version; the first of all, which must exist, when none has it.
 * Throws as openSuite for the first; others that do not exist are passed over.
 */
export async function suiteWithSource(
  wanted: { readonly source: string; readonly version: string },
  candidates: readonly string[],
  view: ArchiveView,
): Promise<{ readonly suite: VerifiedSuite; readonly found: Found | undefined }> {
  const [first = 'stable', ...others] = candidates;
  const main = await view.suite(first);
  const found = await findSource(wanted, main, view);
  if (found !== undefined) return { suite: main, found };
  for (const name of others) {
    const suite = await view.suiteIfAny(name);
    const there = suite && (await findSource(wanted, suite, view));
    if (suite !== undefined && there !== undefined) return { suite, found: there };
  }
  return { suite: main, found: undefined };
}
