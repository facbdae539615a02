import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type PackContent, type PackedArtifact, writePack } from '../../../attest/pack/index.ts';
import { type FileDigest, isReproofError, type RebuildRecord, ReproofError } from '../../../model/index.ts';
import { dataKeys, openDataEvidence } from '../../evidence/index.ts';
import { packOfOwner, writeLaidOut, writePackFile } from '../../evidence-pack/index.ts';
import { type BlobStore, openBlobs, openStore } from '../../store/index.ts';
import { type CommandContext, writeJson } from '../context.ts';
import { findRecord } from '../find-rebuild.ts';
import { dataFolders } from '../folders.ts';
import type { Settings } from '../settings.ts';
import type { EvidenceOptions } from './options.ts';

type Written = {
  readonly id?: string;
  readonly pack?: string;
  readonly folder?: string;
  readonly files: readonly string[];
};

/** Writes a rebuild's evidence as a pack, or lays it or a pack out in a folder. */
export async function runEvidence(wanted: string, options: EvidenceOptions, context: CommandContext): Promise<void> {
  const at = (path: string): string => resolve(context.workingFolder, path);
  const written = (await isFile(at(wanted)))
    ? await extractPack(at(wanted), options, at)
    : await packRebuild(wanted, options, { context, at });
  if (options.json) return writeJson(context.stdout, written);
  const { escapeTerminal } = await import('../terminal-text.ts');
  const lines =
    written.folder === undefined
      ? [`${written.pack}`]
      : [`${written.folder}:`, ...written.files.map((name) => `  ${name}`)];
  await context.stdout.write(lines.map((line) => `${escapeTerminal(line)}\n`).join(''));
}

async function extractPack(file: string, options: EvidenceOptions, at: (path: string) => string): Promise<Written> {
  if (options.extract === undefined || options.output !== undefined || options.withArtifacts)
    throw new ReproofError('USAGE', `${file} is a pack already: say --extract FOLDER to lay it out`);
  const folder = at(options.extract);
  const { files } = await writeLaidOut(createReadStream(file) as AsyncIterable<Uint8Array>, folder);
  return { folder, files };
}

async function packRebuild(
  wanted: string,
  options: EvidenceOptions,
  { context, at }: { readonly context: CommandContext; readonly at: (path: string) => string },
): Promise<Written> {
  const settings = await context.settings(options);
  const record = /^result-\d{1,15}$/.test(wanted) ? undefined : await recordOf(wanted, settings);
  const id = record?.id ?? wanted;
  const parts = { dataFolder: settings.data, keys: settings.keys, now: () => new Date() };
  const evidence = openDataEvidence(parts);
  const closing: (() => Promise<void>)[] = [() => evidence.close()];
  try {
    const artifacts = options.withArtifacts && record !== undefined ? await artifactsOf(record, settings, closing) : [];
    const sources = { dataFolder: settings.data, evidence, keys: dataKeys(parts) };
    const content: PackContent = await packOfOwner(id, sources, { links: [], artifacts });
    if (options.extract !== undefined) {
      const folder = at(options.extract);
      return { id, folder, files: (await writeLaidOut(writePack(content), folder)).files };
    }
    const pack = at(options.output ?? `${id}.evidence.tar`);
    await writePackFile(content, pack);
    return { id, pack, files: [] };
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

async function recordOf(wanted: string, { database }: Settings): Promise<RebuildRecord> {
  const store = await openStore(database);
  try {
    return await findRecord(store, wanted);
  } finally {
    await store.close();
  }
}

/** The published files, from the cache, and the rebuilt ones that differ. Throws FETCH_NOT_FOUND, BLOB_CORRUPT. */
async function artifactsOf(
  record: RebuildRecord,
  settings: Settings,
  closing: (() => Promise<void>)[],
): Promise<readonly PackedArtifact[]> {
  const { openFetcher } = await import('../../fetch/index.ts');
  const blobs = await openBlobs(dataFolders(settings.data).blobs);
  const fetcher = openFetcher({ cacheFolder: settings.cache });
  closing.push(() => fetcher.close());
  const found: PackedArtifact[] = [];
  for (const artifact of record.artifacts) {
    if (artifact.kind === 'extra') continue;
    const { published } = artifact;
    const cached = await fetcher.cached(published.sha256);
    const same = artifact.kind === 'identical' ? await blobOf(blobs, artifact.rebuilt) : undefined;
    const path = cached?.path ?? same;
    if (path === undefined)
      throw new ReproofError(
        'FETCH_NOT_FOUND',
        `packing the published ${published.name}: it is not in the cache any more; reproof replay ${record.id} brings it again`,
      );
    found.push(fileAt(path, published));
    if (artifact.kind === 'differs')
      found.push({ ...artifact.rebuilt, read: () => blobs.read(artifact.rebuilt.sha256) });
  }
  return found;
}

async function blobOf(blobs: BlobStore, file: FileDigest): Promise<string | undefined> {
  return blobs.path(file.sha256).catch((error: unknown) => {
    if (isReproofError(error, 'BLOB_CORRUPT')) return undefined;
    throw error;
  });
}

function fileAt(path: string, { sha256, size }: FileDigest): PackedArtifact {
  return { sha256, size, read: () => createReadStream(path) as AsyncIterable<Uint8Array> };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
