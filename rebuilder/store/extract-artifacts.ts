import { createHash } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { controlFile, type FileDigest, type RebuildRecord, ReproofError } from '../../model/index.ts';
import { checkBaseName } from './base-name.ts';
import { onDisk, syncFolder, writeNewFile } from './durable.ts';
import { temporaryName } from './temporary.ts';

/** Where the bytes of either side are read from: published ones from the cache of fetched files, rebuilt ones from the blobs. */
export type ArtifactSources = {
  readonly published: (file: FileDigest) => AsyncIterable<Uint8Array>;
  readonly rebuilt: (file: FileDigest) => AsyncIterable<Uint8Array>;
};

/**
 * Copies what a rebuild made that is not as published, for other tools to look at: DESTINATION/published/NAME and
 * DESTINATION/rebuilt/NAME of every artifact that differs or that nobody published, DESTINATION/control/NAME where the
 * control rebuild made another one, and each build's own .buildinfo, which a rebuild can be asked for by.
 * Each copy is checked against the record's digest before it gets its name.
 * Gives the paths written, published before rebuilt before control, in the record's order.
 * Throws BLOB_CORRUPT for other bytes, STORE_CORRUPT for a name that is a path, STORE_FAILED.
 */
export async function extractArtifacts(
  record: RebuildRecord,
  destination: string,
  sources: ArtifactSources,
): Promise<readonly string[]> {
  const doing = `copying the artifacts of rebuild ${record.id}`;
  const copies = copiesOf(record).map(({ side, file }) => ({
    folder: path.join(destination, side),
    file,
    read: side === 'published' ? sources.published : sources.rebuilt,
  }));
  for (const { file } of copies) checkBaseName(file.name, doing);
  const written: string[] = [];
  for (const { folder, file, read } of copies) {
    const target = path.join(folder, file.name);
    await onDisk(doing, () => mkdir(folder, { recursive: true }));
    await copyChecked(read(file), file, target);
    await onDisk(doing, () => syncFolder(folder));
    written.push(target);
  }
  return written;
}

type Copy = { readonly side: 'published' | 'rebuilt' | 'control'; readonly file: FileDigest };

function copiesOf(record: RebuildRecord): readonly Copy[] {
  const copies: Copy[] = [];
  for (const artifact of record.artifacts) {
    if (artifact.kind === 'differs') copies.push({ side: 'published', file: artifact.published });
    if (artifact.kind === 'differs' || artifact.kind === 'extra')
      copies.push({ side: 'rebuilt', file: artifact.rebuilt });
    const control = controlFile(record, artifact);
    if (control !== undefined) copies.push({ side: 'control', file: control });
  }
  for (const attempt of record.attempts) {
    const side = attempt.kind === 'first' ? 'rebuilt' : 'control';
    const buildinfo = attempt.artifacts.filter((file) => file.name.endsWith('.buildinfo'));
    copies.push(...buildinfo.map((file): Copy => ({ side, file })));
  }
  return copies;
}

async function copyChecked(stream: AsyncIterable<Uint8Array>, file: FileDigest, target: string): Promise<void> {
  const temporary = `${target}.${temporaryName()}`;
  try {
    await writeNewFile(temporary, checked(stream, file), { mode: 0o644, doing: `writing ${target}` });
    await onDisk(`writing ${target}`, () => rename(temporary, target));
  } finally {
    await rm(temporary, { force: true });
  }
}

async function* checked(stream: AsyncIterable<Uint8Array>, file: FileDigest): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    size += chunk.length;
    if (size > file.size) break;
    yield chunk;
  }
  if (size !== file.size || hash.digest('hex') !== file.sha256)
    throw new ReproofError('BLOB_CORRUPT', `copying ${file.name}: its bytes are not those of ${file.sha256}`);
}
