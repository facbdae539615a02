import { readFile } from 'node:fs/promises';
import {
  isReproofError,
  type PlannedSource,
  type RemoteFile,
  ReproofError,
  type SourceFile,
  sha256Of,
} from '../../../model/index.ts';
import type { CachedFile } from '../../fetch/types.ts';
import type { LocateContext } from '../types.ts';
import type { ArchiveView, Found } from './archive-view.ts';
import { poolOrigin } from './binaries.ts';
import { newestEntry } from './changelog.ts';
import { checkSignature, DEVELOPER_KEYRINGS } from './clearsigned.ts';
import { assembleDsc, type Dsc, parseDsc, sourceFiles } from './dsc.ts';
import { isArchivePath } from './package-entry.ts';
import { snapshotSource } from './snapshot.ts';
import { CHANGELOG_LIMITS, type LocalFile, sourceChangelog } from './source-changelog.ts';

/** A source package in the cache: what a plan holds of it, and its newest changelog entry's time. */
export type BroughtSource = { readonly planned: PlannedSource; readonly dsc: Dsc; readonly epochSeconds: number };

/** Names of the files that could not be had. */
export type MissingFiles = { readonly missing: readonly string[] };

/** The files a Sources paragraph names, with where to get them. Throws DSC_INVALID, INDEX_MALFORMED. */
export function archiveSource(found: Found): { readonly dsc: RemoteFile; readonly files: readonly RemoteFile[] } {
  const { dsc, files } = sourceFiles(found.paragraph);
  const folder = found.paragraph.get('Directory') ?? '';
  const remote = (file: (typeof files)[number]): RemoteFile => {
    const path = `${folder}/${file.name}`;
    if (!isArchivePath(path)) {
      const where = `${found.index.path} of ${found.index.suite}`;
      throw new ReproofError(
        'INDEX_MALFORMED',
        `reading ${where}: the Directory of ${file.name} is not a path under the archive`,
      );
    }
    return { ...file, origin: poolOrigin(found.index, path), urls: [`${found.suite.baseUrl}/${path}`] };
  };
  return { dsc: remote(dsc), files: files.map(remote) };
}

/**
 * Brings the source a Sources paragraph names into the cache. A .dsc that is not there is put together from the
 * paragraph, a signature that is not there is left out, both with a note; anything else that is not there is asked of
 * the snapshot service, and named when it has none either. Throws DSC_INVALID, FETCH_DIGEST_MISMATCH and the like.
 */
export async function bringFromArchive(
  found: Found,
  view: ArchiveView,
  context: LocateContext,
): Promise<BroughtSource | MissingFiles> {
  const { dsc, files } = archiveSource(found);
  const [document, ...brought] = await Promise.all([dsc, ...files].map((file) => fetchIfAny(file, context)));
  const isSignature = (file: RemoteFile): boolean => file.name.endsWith('.asc');
  for (const [index, file] of files.entries()) {
    if (brought[index] !== undefined) continue;
    if (isSignature(file)) view.note(`${file.name} is not served; the build does not need it`);
    else brought[index] = await fromSnapshot(file, found, { view, context });
  }
  const missing = files.filter((file, index) => brought[index] === undefined && !isSignature(file));
  if (missing.length > 0) return { missing: missing.map((file) => file.name) };
  const local = files.flatMap((file, index) => {
    const cached = brought[index];
    return cached === undefined ? [] : [{ file, path: cached.path }];
  });
  const text =
    document === undefined
      ? assembleDsc(
          found.paragraph,
          files.filter((_, index) => brought[index] === undefined).map((file) => file.name),
        )
      : await readText(document);
  const parsed = parseDsc(text, dsc.name);
  checkAgainstIndex(parsed, found, files);
  if (document === undefined) {
    view.note(`${dsc.name} is not served; it was put together from the signed Sources index`);
    const why = 'the file itself is not served';
    view.record({ kind: 'signature', name: dsc.name, result: 'unchecked', signedBy: [], why });
  } else await recordSignature(text, dsc.name, { view, context });
  return finish(
    parsed,
    { name: dsc.name, provenance: document === undefined ? 'assembled' : 'archive' },
    { local, view, context },
  );
}

/** Brings the files of a .dsc that was given or came from the snapshot service, and checks its signature. */
export async function bringGiven(
  given: {
    readonly text: string;
    readonly name: string;
    readonly locate: (file: Dsc['files'][number]) => Promise<RemoteFile & { readonly cached?: CachedFile }>;
  },
  view: ArchiveView,
  context: LocateContext,
): Promise<BroughtSource | MissingFiles> {
  const parsed = parseDsc(given.text, given.name);
  await recordSignature(given.text, given.name, { view, context });
  const local: LocalSource[] = [];
  const missing: string[] = [];
  for (const wanted of parsed.files) {
    const { cached, ...file } = await given.locate(wanted);
    const brought = cached ?? (await fetchIfAny(file, context));
    if (brought !== undefined) local.push({ file, path: brought.path });
    else if (wanted.name.endsWith('.asc')) view.note(`${wanted.name} is not to be had; the build does not need it`);
    else missing.push(wanted.name);
  }
  if (missing.length > 0) return { missing };
  return finish(parsed, { name: given.name, provenance: 'given' }, { local, view, context });
}

type LocalSource = { readonly file: RemoteFile; readonly path: string };
type Surroundings = { readonly view: ArchiveView; readonly context: LocateContext };

async function finish(
  dsc: Dsc,
  as: { readonly name: string; readonly provenance: PlannedSource['dsc']['provenance'] },
  { local, view, context }: Surroundings & { readonly local: readonly LocalSource[] },
): Promise<BroughtSource> {
  const files: readonly LocalFile[] = local.map(({ file, path }) => ({ name: file.name, path }));
  const head = await sourceChangelog({ name: as.name, format: dsc.format, files }, CHANGELOG_LIMITS, context.signal);
  const entry = newestEntry(head, as.name);
  if (entry.source !== dsc.source || entry.version !== dsc.version) {
    view.note(`the newest changelog entry of ${as.name} is of ${entry.source} ${entry.version}`);
  }
  const bytes = Buffer.from(dsc.text);

  return {
    dsc,
    epochSeconds: entry.epochSeconds,
    planned: {
      dsc: { name: as.name, size: bytes.length, sha256: sha256Of(bytes), provenance: as.provenance, text: dsc.text },
      files: local
        .map(({ file: { urls: _, ...file } }): SourceFile => file)
        .sort((left, right) => (left.name < right.name ? -1 : 1)),
    },
  };
}

/** Fetches a file; undefined when nobody serves it. */
export async function fetchIfAny(file: RemoteFile, context: LocateContext): Promise<CachedFile | undefined> {
  try {
    return await context.fetcher.fetchFile(file, context.signal);
  } catch (error) {
    if (isReproofError(error, 'FETCH_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** The snapshot service names files by SHA-1, but the index's SHA-256 is what the bytes are checked by here. */
async function fromSnapshot(
  file: RemoteFile,
  found: Found,
  { view, context }: Surroundings,
): Promise<CachedFile | undefined> {
  const { fetcher, signal, snapshotBase: base } = context;
  const source = { name: found.paragraph.get('Package') ?? '', version: found.paragraph.get('Version') ?? '' };
  try {
    const kept = await snapshotSource(source, { base, fetcher, signal });
    const same = kept?.find((other) => other.name === file.name && other.size === file.size);
    if (same === undefined) return undefined;
    const brought = await fetchIfAny({ ...file, urls: [same.url] }, context);
    if (brought !== undefined) view.note(`${file.name} is not served by the mirror; the snapshot service had it`);
    return brought;
  } catch (error) {
    if (!isReproofError(error, 'FETCH_FAILED', 'FETCH_TIMEOUT')) throw error;
    view.note(`the snapshot service could not be asked for ${file.name}: ${error.code}`);
    return undefined;
  }
}

async function readText(file: CachedFile): Promise<string> {
  return readFile(file.path, 'utf8');
}

async function recordSignature(text: string, name: string, { view, context }: Surroundings): Promise<void> {
  const keyrings = context.developerKeyrings ?? DEVELOPER_KEYRINGS;
  view.record(await checkSignature(text, { name, keyrings, signal: context.signal }));
}

/** A .dsc may say no other thing than the signed index that names it. */
function checkAgainstIndex(dsc: Dsc, found: Found, files: readonly RemoteFile[]): void {
  const refuse = (why: string): ReproofError =>
    new ReproofError(
      'DSC_INVALID',
      `comparing the .dsc of ${found.paragraph.get('Package')} with ${found.index.path}: ${why}`,
    );
  if (dsc.source !== found.paragraph.get('Package')) throw refuse('it is of another source');
  if (dsc.version !== found.paragraph.get('Version')) throw refuse('it is of another version');
  for (const file of files) {
    const named = dsc.files.find(({ name }) => name === file.name);
    if (named !== undefined && (named.sha256 !== file.sha256 || named.size !== file.size)) {
      throw refuse(`${file.name} is another file there`);
    }
  }
  if (dsc.files.some(({ name }) => !files.some((file) => file.name === name))) throw refuse('it names more files');
}
