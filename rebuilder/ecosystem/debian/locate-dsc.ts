import type { FileDigest, Published, RemoteFile, TargetRequest, Unavailable } from '../../../model/index.ts';
import type { CachedFile } from '../../fetch/types.ts';
import type { LocateContext } from '../types.ts';
import type { ArchiveView, Found } from './archive-view.ts';
import { binariesOf, checkOnly, indexedBinary, publishedArtifact, runsFor } from './binaries.ts';
import { binaryRuns } from './binnmu.ts';
import { suiteWithSource } from './choose-source.ts';
import { MAX_DSC_BYTES, parseDsc } from './dsc.ts';
import { readGiven } from './given-document.ts';
import { archiveSource, bringGiven } from './source-files.ts';

/** Where a source of no known suite is looked for, in this order. */
const CANDIDATES = ['stable', 'stable-security', 'stable-updates', 'testing', 'unstable'];

/** Looks up a .dsc given by path or address: its files beside it, and what was published of that very version. See locate. */
export async function locateDsc(
  request: Exclude<TargetRequest, { kind: 'name' }>,
  view: ArchiveView,
  context: LocateContext,
): Promise<Published | Unavailable> {
  const document = await readGiven(request.location, { code: 'DSC_INVALID', maxBytes: MAX_DSC_BYTES }, context);
  const { source, version, architectures } = parseDsc(document.text, document.name);
  const architecture = request.architecture ?? context.hostArchitecture;
  const candidates = request.suite === undefined ? CANDIDATES : [request.suite];
  const { suite, found } = await suiteWithSource({ source, version }, candidates, view);
  const locateFile = async (wanted: FileDigest): Promise<RemoteFile & { readonly cached?: CachedFile }> => {
    const beside = await document.beside(wanted);
    const inArchive = archiveFile(found, wanted);
    const urls = [...beside.urls, ...(inArchive?.urls ?? [])];
    return { ...wanted, ...beside, origin: inArchive?.origin ?? { kind: 'given', name: wanted.name }, urls };
  };
  const brought = await bringGiven({ text: document.text, name: document.name, locate: locateFile }, view, context);
  if ('missing' in brought) return view.unavailable('source', brought.missing);
  const indexed = await view.find(suite, { packages: architecture }, [
    { field: 'Package', value: source },
    { field: 'Source', value: source },
  ]);
  const binaries = binariesOf(indexed.map(indexedBinary), { source, version, architecture });
  if (binaries.length === 0) view.note(`${suite.suite} holds no binaries of ${source} ${version} for ${architecture}`);
  checkOnly(binaries, context.only);
  const runs = await binaryRuns(binaries, {
    inferred: runsFor(architectures),
    epochSeconds: brought.epochSeconds,
    context,
  });
  if ('missing' in runs) return view.unavailable('source', runs.missing);
  const suites = await view.withBase(suite);
  return {
    target: { ecosystem: 'debian', source, version, architecture, suite: suite.suite },
    basis: 'inferred',
    source: brought.planned,
    artifacts: binaries.map(publishedArtifact),
    ...runs,
    indices: await Promise.all(suites.map((each) => view.indices(each, architecture))),
    verified: view.verified,
    notes: view.notes,
  };
}

/** The archive's own copy of a file, when an index names one of the same content. */
function archiveFile(found: Found | undefined, wanted: FileDigest): RemoteFile | undefined {
  if (found === undefined) return undefined;
  return archiveSource(found).files.find((file) => file.sha256 === wanted.sha256 && file.name === wanted.name);
}
