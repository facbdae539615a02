import path from 'node:path';
import type { VerifiedTree } from '../reader/verified-tree.ts';
import { sameBytes } from '../strict-text.ts';
import { levelWidth, TILE_WIDTH } from '../tiles.ts';
import { type EntryIndex, makeEntryIndex, openEntryIndex } from './entry-index.ts';
import { onDisk } from './log-files.ts';

const INDEX = '.writer/entries';

/** The index of a log's entries, brought up to a tree's size; made anew where it is not of this log, or too small. Throws STORE_FAILED. */
export async function openKnownEntries(folder: string, tree: VerifiedTree): Promise<EntryIndex> {
  return await onDisk("opening the index of the log's entries", () => openOrMake(folder, tree));
}

async function openOrMake(folder: string, tree: VerifiedTree): Promise<EntryIndex> {
  const file = path.join(folder, INDEX);
  const { size, rootHash } = tree.checkpoint;
  const index = openEntryIndex(file);
  if (index !== undefined) {
    const { covered } = index;
    if (
      covered.size <= size &&
      size <= index.capacity &&
      sameBytes(await tree.rootAt(covered.size), covered.rootHash)
    ) {
      await catchUp(index, tree);
      return index;
    }
    index.close();
  }
  await makeEntryIndex(file, { size, rootHash }, () => leavesOf(tree, 0));
  return openEntryIndex(file) as EntryIndex;
}

async function catchUp(index: EntryIndex, tree: VerifiedTree): Promise<void> {
  const { size, rootHash } = tree.checkpoint;
  const first = index.covered.size - (index.covered.size % TILE_WIDTH);
  let at = first;
  for await (const leaves of leavesOf(tree, first / TILE_WIDTH))
    for (const leaf of leaves) {
      if (!index.candidates(leaf).includes(at)) index.insert(leaf, at);
      at++;
    }
  index.cover(size, rootHash);
}

/** The leaf hashes of a tree from a tile on, tile by tile. */
export async function* leavesOf(tree: VerifiedTree, firstTile: number): AsyncGenerator<readonly Uint8Array[]> {
  const count = Math.ceil(levelWidth(0, tree.checkpoint.size) / TILE_WIDTH);
  for (let tile = firstTile; tile < count; tile++) yield await tree.tile(0, tile);
}

/** The place of an entry in a tree, of those where the index says it may be; undefined where it is not in it. */
export async function findEntry(
  candidates: readonly number[],
  tree: VerifiedTree,
  leaf: Uint8Array,
): Promise<number | undefined> {
  for (const candidate of candidates) {
    if (candidate >= tree.checkpoint.size) continue;
    const tile = await tree.tile(0, Math.floor(candidate / TILE_WIDTH));
    if (sameBytes(tile[candidate % TILE_WIDTH] as Uint8Array, leaf)) return candidate;
  }
  return undefined;
}
