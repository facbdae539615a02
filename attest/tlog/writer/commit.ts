import { mkdir, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { ReproofError } from '../../../model/index.ts';
import type { Signer } from '../../signer.ts';
import { openCheckpoint, type SignedCheckpoint, signCheckpoint } from '../checkpoint.ts';
import { EMPTY_ROOT } from '../merkle.ts';
import { NOTE_LIMITS, readNote, writeNote } from '../note.ts';
import type { VerifierKey } from '../note-key.ts';
import { folderSource } from '../reader/tile-source.ts';
import { openTree } from '../reader/verified-tree.ts';
import { EMPTY_EDGE, type Growth, type RightEdge } from '../right-edge.ts';
import { sameBytes } from '../strict-text.ts';
import { levelWidth, partialTiles, TILE_WIDTH, type TileName, tilePath } from '../tiles.ts';
import { onDisk, removeFiles, replaceFile, writeFiles } from './log-files.ts';

/**
 * How a log is written so that it can end at any byte:
 *
 * 1. tiles and bundles of the new size, at places no published checkpoint speaks of, are written and synced;
 * 2. the new checkpoint is signed, and written and synced as `.writer/next`: from here on it is the log's history;
 * 3. it is renamed to `checkpoint`, and the folders are synced.
 *
 * Before 2 is done nothing has happened: what lies past the published size is removed when the log is opened. After 2
 * opening the log does 3. So no two checkpoints are ever signed and kept that do not belong to one history.
 */
export const CHECKPOINT = 'checkpoint';
const NEXT = '.writer/next';
/** There while files are written: found by the next writer, it tells that the last one was ended. */
const WRITING = '.writer/writing';

/** A log as its folder has it. */
export type LogState = { readonly signed: SignedCheckpoint; readonly edge: RightEdge };

/** Publishes a tree that has grown. */
export async function commit(
  folder: string,
  growth: Growth,
  { key, signer }: { readonly key: VerifierKey; readonly signer: Signer },
): Promise<LogState> {
  const { edge, rootHash } = growth;
  await mark(folder);
  await writeFiles(folder, growth.files);
  const signed = await signCheckpoint({ origin: key.name, size: edge.size, rootHash, extensions: [] }, signer);
  await publish(folder, signed);
  await removeFiles(folder, [WRITING]);
  return { signed, edge };
}

/** Not synced: after the machine itself went down every writer opens the log anew. */
async function mark(folder: string): Promise<void> {
  await onDisk('beginning to write the log', async () => {
    await mkdir(path.join(folder, '.writer'), { recursive: true });
    await (await open(path.join(folder, WRITING), 'w')).close();
  });
}

/** Steps 2 and 3, also for a checkpoint that more have signed since. */
export async function publish(folder: string, { note }: SignedCheckpoint): Promise<void> {
  await writeFiles(folder, [{ path: NEXT, bytes: Buffer.from(writeNote(note)) }]);
  await replaceFile(folder, NEXT, CHECKPOINT);
}

/** Makes a log without entries, where there is none. */
export async function create(
  folder: string,
  keys: { readonly key: VerifierKey; readonly signer: Signer },
): Promise<void> {
  await commit(folder, { edge: EMPTY_EDGE, rootHash: EMPTY_ROOT, files: [], filled: [], find: () => [] }, keys);
}

/** The published checkpoint's bytes, and whether the last writer was ended while it wrote. */
export async function peek(
  folder: string,
): Promise<{ readonly bytes: Uint8Array | undefined; readonly wasEnded: boolean }> {
  const source = folderSource(folder);
  const [bytes, ...left] = await Promise.all(
    [CHECKPOINT, NEXT, WRITING].map((name) => source.read(name, NOTE_LIMITS.bytes)),
  );
  return { bytes, wasEnded: left.some((each) => each !== undefined) };
}

/**
 * Brings a folder to where the last writer was, publishes what was decided, removes what was not, and reads the edge. The
 * lock has to be held. `keys`: the one that signs, then those that did. Undefined where there is no log. Throws LOG_CORRUPT, LOG_SIGNATURE_INVALID, LOG_MALFORMED.
 */
export async function recover(folder: string, keys: readonly VerifierKey[]): Promise<LogState | undefined> {
  const source = folderSource(folder);
  await rollForward(folder, keys);
  const bytes = await source.read(CHECKPOINT, NOTE_LIMITS.bytes);
  if (bytes === undefined) return undefined;
  const signed = openByAny(bytes, keys);
  const { size } = signed.checkpoint;
  const tree = await openTree(source, signed.checkpoint);
  const tiles: (readonly Uint8Array[])[] = [];
  for (const { level, index } of partialTiles(size)) tiles[level as number] = await tree.tile(level as number, index);
  const bundle = Math.floor(size / TILE_WIDTH);
  const entries = size % TILE_WIDTH === 0 ? [] : await tree.entries(bundle);
  await removeFiles(folder, [...(await leftovers(folder, size)), WRITING]);
  return { signed, edge: { size, tiles: Array.from(tiles, (hashes) => hashes ?? []), entries } };
}

async function rollForward(folder: string, keys: readonly VerifierKey[]): Promise<void> {
  const source = folderSource(folder);
  const bytes = await source.read(NEXT, NOTE_LIMITS.bytes);
  if (bytes === undefined) return;
  const next = openedWhole(bytes, keys);
  if (next === undefined) return await removeFiles(folder, [NEXT]);
  const tree = await openTree(source, next.checkpoint);
  const published = await source.read(CHECKPOINT, NOTE_LIMITS.bytes);
  if (published !== undefined) {
    const { size, rootHash } = openByAny(published, keys).checkpoint;
    if (size > next.checkpoint.size || !sameBytes(await tree.rootAt(size), rootHash))
      throw new ReproofError('LOG_CORRUPT', `opening the log: ${NEXT} is of another history than ${CHECKPOINT}`);
  }
  await replaceFile(folder, NEXT, CHECKPOINT);
}

/** What was cut short carries no signature: it ends with it. */
function openedWhole(bytes: Uint8Array, keys: readonly VerifierKey[]): SignedCheckpoint | undefined {
  try {
    return openByAny(bytes, keys);
  } catch {
    return undefined;
  }
}

function openByAny(bytes: Uint8Array, keys: readonly VerifierKey[]): SignedCheckpoint {
  const { signatures } = readNote(bytes);
  const signing = keys.find(({ keyId }) => signatures.some((signature) => signature.keyId === keyId)) ?? keys[0];
  return openCheckpoint(bytes, signing as VerifierKey);
}

/** Partial forms of what became full. */
export function partialFolders(filled: readonly TileName[]): readonly string[] {
  return filled.map((name) => `${tilePath({ ...name, width: TILE_WIDTH })}.p`);
}

/** The most entries of one batch. */
export const MAX_BATCH = 4096;
/** How many tiles before and after the edge may be of a batch that was cut short. */
const NEAR = MAX_BATCH / TILE_WIDTH + 1;

/** Files past a size, and partial forms of tiles that are full: what a writer that was ended left behind. */
async function leftovers(folder: string, size: number): Promise<readonly string[]> {
  const found: string[] = [];
  const levels = Array.from({ length: Math.max(partialTiles(size).length, 1) + 2 }, (_, level) => level);
  for (const level of ['entries' as const, ...levels]) {
    const width = levelWidth(level === 'entries' ? 0 : level, size);
    const edge = Math.floor(width / TILE_WIDTH);
    const near = level === 'entries' || level === 0 ? NEAR : 1;
    for (let index = Math.max(edge - near, 0); index <= edge + near; index++) {
      const full = tilePath({ level, index, width: TILE_WIDTH });
      if (index >= edge) found.push(full);
      if (index !== edge) found.push(`${full}.p`);
      else
        for (const name of await names(path.join(folder, `${full}.p`)))
          if (isPast(name, width)) found.push(`${full}.p/${name}`);
    }
  }
  return found;
}

function isPast(name: string, width: number): boolean {
  return !/^[1-9][0-9]{0,2}$/.test(name) || Number(name) > width % TILE_WIDTH;
}

async function names(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(() => []);
}
