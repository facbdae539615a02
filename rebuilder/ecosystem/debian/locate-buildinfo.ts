import { readFile } from 'node:fs/promises';
import {
  type BuildInfo,
  type BuildRun,
  type FileDigest,
  isReproofError,
  type Published,
  type PublishedArtifact,
  ReproofError,
  type TargetRequest,
  type Unavailable,
} from '../../../model/index.ts';
import type { LocateContext } from '../types.ts';
import { type ArchiveView, familyOf } from './archive-view.ts';
import { binariesOf, checkOnly, indexedBinary, publishedArtifact } from './binaries.ts';
import { MAX_BUILDINFO_BYTES, parseBuildInfo } from './buildinfo.ts';
import { newestEntry } from './changelog.ts';
import { suiteWithSource } from './choose-source.ts';
import { checkSignature, DEVELOPER_KEYRINGS } from './clearsigned.ts';
import { MAX_DSC_BYTES, parseDsc } from './dsc.ts';
import { type GivenDocument, readGiven, readGivenIfAny } from './given-document.ts';
import { locateRecorded } from './recorded-packages.ts';
import type { VerifiedSuite } from './release.ts';
import { snapshotSource } from './snapshot.ts';
import { type BroughtSource, bringFromArchive, bringGiven, fetchIfAny, type MissingFiles } from './source-files.ts';
import { withoutEpoch } from './version.ts';

/** Where a recorded build of no known suite is looked for: the stable family, then the others. */
const OTHERS = ['testing', 'unstable'];

type Surroundings = { readonly view: ArchiveView; readonly context: LocateContext };

/** Looks up what a .buildinfo recorded: its source, the files it built, and every package it was built with. See locate. */
export async function locateBuildInfo(
  request: Exclude<TargetRequest, { kind: 'name' }>,
  view: ArchiveView,
  context: LocateContext,
): Promise<Published | Unavailable> {
  const kind = { code: 'BUILDINFO_INVALID', maxBytes: MAX_BUILDINFO_BYTES } as const;
  const document = await readGiven(request.location, kind, context);
  const info = parseBuildInfo(document.text, document.name);
  const architecture = info.buildArchitecture;
  if (request.architecture !== undefined && request.architecture !== architecture) {
    throw new ReproofError(
      'TARGET_UNKNOWN',
      `reading ${document.name}: it was built on ${architecture}, not on ${request.architecture}`,
    );
  }
  const runs = recordedRuns(info, document.name);
  const keyrings = context.developerKeyrings ?? DEVELOPER_KEYRINGS;
  view.record(await checkSignature(document.text, { name: document.name, keyrings, signal: context.signal }));

  const wanted = { source: info.source, version: info.sourceVersion };
  const family = familyOf(request.suite ?? 'stable');
  const candidates = request.suite === undefined ? [...family, ...OTHERS] : [...new Set([request.suite, ...family])];
  const { suite, found } = await suiteWithSource(wanted, candidates, view);
  const brought =
    found === undefined
      ? ((await sourceBeside(wanted, document, { view, context })) ?? (await sourceFromSnapshot(wanted, view, context)))
      : await bringFromArchive(found, view, context);
  if ('missing' in brought) return view.unavailable('source', brought.missing);
  checkSourceFiles(info, brought, document.name);

  const suites = await openFamily(suite, view);
  const recorded = await locateRecorded(info, suites, { view, context });
  if ('missing' in recorded) return view.unavailable('environment', recorded.missing);
  const artifacts = await publishedFiles(info, suites, { document, view, context });
  checkOnly(artifacts, context.only);
  return {
    target: { ecosystem: 'debian', ...wanted, architecture, suite: suite.suite },
    basis: 'recorded',
    source: brought.planned,
    artifacts,
    runs,
    sourceDateEpoch: epochOf(info, brought, document.name),
    indices: await Promise.all(suites.map((each) => view.indices(each, architecture))),
    recorded: { buildInfo: info, packages: recorded.packages },
    verified: view.verified,
    notes: view.notes,
  };
}

/** The run that built what a .buildinfo lists. Throws BUILDINFO_INVALID when it lists no binaries. */
function recordedRuns(info: BuildInfo, name: string): readonly BuildRun[] {
  const built = info.architectures.filter((word) => word !== 'source');
  if (built.length === 0)
    throw new ReproofError('BUILDINFO_INVALID', `reading Architecture of ${name}: it built no binaries`);
  const hasAll = built.includes('all');
  const packages = hasAll ? (built.length > 1 ? 'both' : 'all') : 'any';
  return [{ packages, ...(info.binaryOnlyChanges !== undefined && { binaryOnlyChanges: info.binaryOnlyChanges }) }];
}

/** SOURCE_DATE_EPOCH as recorded, else the binNMU entry's date, else that of the source's newest entry. */
function epochOf(info: BuildInfo, brought: BroughtSource, name: string): number {
  const recorded = info.environment.SOURCE_DATE_EPOCH;
  if (recorded !== undefined && /^(0|[1-9][0-9]{0,10})$/.test(recorded)) return Number(recorded);
  if (info.binaryOnlyChanges !== undefined) return newestEntry(info.binaryOnlyChanges, name).epochSeconds;
  return brought.epochSeconds;
}

async function openFamily(suite: VerifiedSuite, view: ArchiveView): Promise<readonly VerifiedSuite[]> {
  const opened = [suite];
  for (const name of familyOf(suite.suite)) {
    const other = await view.suiteIfAny(name);
    if (other !== undefined && !opened.some((known) => known.suite === other.suite)) opened.push(other);
  }
  return opened.sort((left, right) => (left.suite < right.suite ? -1 : 1));
}

/** What the suites publish of the files that this very build made; where they have none of them, what it says it made. */
async function publishedFiles(
  info: BuildInfo,
  suites: readonly VerifiedSuite[],
  { document, view, context }: Surroundings & { readonly document: GivenDocument },
): Promise<readonly PublishedArtifact[]> {
  const architecture = info.buildArchitecture;
  const fields = ['Package', 'Source'].map((field) => ({ field, value: info.source }));
  const all = [];
  for (const suite of suites)
    all.push(...(await view.find(suite, { packages: architecture }, fields)).map(indexedBinary));
  const wanted = { source: info.source, version: info.sourceVersion, architecture };
  const own = new Map(info.artifacts.map((file) => [file.name, file]));
  const indexed = binariesOf(all, wanted).filter(({ name }) => own.has(name));
  for (const { name, sha256 } of indexed) {
    if (own.get(name)?.sha256 !== sha256) view.note(`${name} as published is not the file the .buildinfo names`);
  }
  if (indexed.length > 0) return indexed.map(publishedArtifact);
  view.note('no suite publishes these binaries; the rebuild is judged by what the .buildinfo says was built');
  const given = info.artifacts.flatMap((file) => givenArtifact(file, info));
  for (const file of given) await bringBeside(file, document, { view, context });
  return given.sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** Brings a built file that lies beside the .buildinfo into the cache: a difference can only be explained with it there. */
async function bringBeside(file: PublishedArtifact, document: GivenDocument, { view, context }: Surroundings) {
  try {
    const beside = await document.beside(file);
    if (beside.cached === undefined) await fetchIfAny({ ...file, ...beside }, context);
  } catch (error) {
    if (isReproofError(error, 'FETCH_DIGEST_MISMATCH', 'FETCH_SIZE_MISMATCH'))
      view.note(`${file.name} beside ${document.name} is not the file it names`);
    else if (!isReproofError(error, 'FETCH_FAILED', 'FETCH_TIMEOUT', 'FETCH_REDIRECT_REFUSED')) throw error;
  }
}

/** Debug symbols are left out, as they are in an archive's main indices. */
function givenArtifact(file: FileDigest, info: BuildInfo): readonly PublishedArtifact[] {
  const match = /^([a-z0-9][a-z0-9+.-]+)_([^_]+)_([a-z0-9-]+)\.deb$/.exec(file.name);
  const [, name = '', fileVersion = '', architecture = ''] = match ?? [];
  if (match === null || name.endsWith('-dbgsym')) return [];
  const version = withoutEpoch(info.version) === fileVersion ? info.version : fileVersion;
  return [{ ...file, package: name, version, architecture, origin: { kind: 'given', name: file.name } }];
}

/** A build that made its source too says what that was. Throws BUILDINFO_INVALID when it is another one. */
function checkSourceFiles(info: BuildInfo, { planned }: BroughtSource, name: string): void {
  for (const file of [planned.dsc, ...planned.files]) {
    if (file.name.endsWith('.dsc') && planned.dsc.provenance === 'assembled') continue;
    const own = info.artifacts.find((other) => other.name === file.name);
    if (own === undefined || own.sha256 === file.sha256) continue;
    throw new ReproofError(
      'BUILDINFO_INVALID',
      `comparing ${name} with its source: ${file.name} is another file there`,
    );
  }
}

/** The source that lies beside the .buildinfo, as a builder leaves it; undefined when its .dsc does not. */
async function sourceBeside(
  wanted: { readonly source: string; readonly version: string },
  document: GivenDocument,
  { view, context }: Surroundings,
): Promise<BroughtSource | MissingFiles | undefined> {
  const name = `${wanted.source}_${withoutEpoch(wanted.version)}.dsc`;
  const kind = { code: 'DSC_INVALID', maxBytes: MAX_DSC_BYTES } as const;
  const dsc = await readGivenIfAny(document.location(name), kind, context);
  if (dsc === undefined) return undefined;
  const parsed = parseDsc(dsc.text, name);
  if (parsed.source !== wanted.source || parsed.version !== wanted.version)
    throw new ReproofError('DSC_INVALID', `reading ${name} beside ${document.name}: it is of another package`);
  const locate = async (file: FileDigest) => {
    const beside = await dsc.beside(file);
    return { ...file, ...beside, origin: { kind: 'given', name: file.name } as const };
  };
  view.note(`no suite has this source; it is taken from beside ${document.name}`);
  return bringGiven({ text: dsc.text, name, locate }, view, context);
}

/** The source as snapshot.debian.org has it: the .dsc by SHA-1, and its files by the SHA-256 that it names. */
async function sourceFromSnapshot(
  wanted: { readonly source: string; readonly version: string },
  view: ArchiveView,
  context: LocateContext,
): Promise<BroughtSource | MissingFiles> {
  const missing = { missing: [`${wanted.source}=${wanted.version}`] };
  const { fetcher, signal, snapshotBase: base } = context;
  try {
    const files = await snapshotSource({ name: wanted.source, version: wanted.version }, { base, fetcher, signal });
    const dsc = files?.find((file) => file.name === `${wanted.source}_${withoutEpoch(wanted.version)}.dsc`);
    if (files === undefined || dsc === undefined) return missing;
    const text = await readFile((await fetcher.fetchBySha1({ ...dsc, urls: [dsc.url] }, signal)).path, 'utf8');
    const locate = async (file: FileDigest) => {
      const same = files.find((other) => other.name === file.name && other.size === file.size);
      const origin = same
        ? ({ kind: 'snapshot', sha1: same.sha1, name: same.name } as const)
        : ({ kind: 'given', name: file.name } as const);
      return { ...file, origin, urls: same ? [same.url] : [] };
    };
    const brought = await bringGiven({ text, name: dsc.name, locate }, view, context);
    if (!('missing' in brought) && (brought.dsc.source !== wanted.source || brought.dsc.version !== wanted.version)) {
      throw new ReproofError('DSC_INVALID', `reading ${dsc.name} of the snapshot service: it is of another package`);
    }
    view.note(`the source came from the snapshot service; its .dsc is named by SHA-1 alone`);
    return brought;
  } catch (error) {
    if (isReproofError(error, 'FETCH_NOT_FOUND')) return missing;
    if (!isReproofError(error, 'FETCH_FAILED', 'FETCH_TIMEOUT')) throw error;
    view.note(`the snapshot service could not be asked for the source: ${error.code}`);
    return missing;
  }
}
