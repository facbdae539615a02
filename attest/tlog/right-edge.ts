import { EMPTY_ROOT } from './merkle.ts';
import { type FindTile, rangeHash, rowsOf, type TileRows, topOf } from './tile-rows.ts';
import { levelWidth, TILE_WIDTH, type TileName, tilePath, writeBundle } from './tiles.ts';

/** A file to be written: its path below the log's folder, and all of its bytes. */
export type NewFile = { readonly path: string; readonly bytes: Uint8Array };

/** Where a tree grows: the hashes of the rightmost, partial tile of each level, and the entries of the partial bundle. */
export type RightEdge = {
  readonly size: number;
  readonly tiles: readonly (readonly Uint8Array[])[];
  readonly entries: readonly Uint8Array[];
};

export const EMPTY_EDGE: RightEdge = { size: 0, tiles: [], entries: [] };

/** An entry that is not in the tree yet, and its leaf hash. */
export type NewEntry = { readonly entry: Uint8Array; readonly leaf: Uint8Array };

/** A tree after entries were added: what is new of it, as files, and a look at every tile that proofs of them need. */
export type Growth = {
  readonly edge: RightEdge;
  readonly rootHash: Uint8Array;
  readonly files: readonly NewFile[];
  /** Tiles and bundles that became full: their partial forms are of no more use. */
  readonly filled: readonly TileName[];
  readonly find: FindTile;
};

/** Adds entries at a tree's edge. Pure: nothing is written. */
export function grow(edge: RightEdge, added: readonly NewEntry[]): Growth {
  const size = edge.size + added.length;
  const tiles: Uint8Array[][] = edge.tiles.map((hashes) => [...hashes]);
  const rows = new Map<string, TileRows>();
  const filled: TileName[] = [];
  const files: NewFile[] = [];
  /** The index of the next tile of each level that becomes full. */
  const counts: number[] = [];
  const push = (level: number, hash: Uint8Array): void => {
    tiles[level] ??= [];
    const hashes = tiles[level];
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return;
    const index = counts[level] ?? Math.floor(levelWidth(level, edge.size) / TILE_WIDTH);
    counts[level] = index + 1;
    const full = rowsOf(hashes);
    rows.set(`${level}/${index}`, full);
    filled.push({ level, index, width: TILE_WIDTH });
    files.push({ path: tilePath({ level, index, width: TILE_WIDTH }), bytes: Buffer.concat(hashes) });
    tiles[level] = [];
    push(level + 1, topOf(full));
  };
  for (const { leaf } of added) push(0, leaf);
  for (const [level, hashes] of tiles.entries()) {
    if (hashes.length === 0) continue;
    const index = Math.floor(levelWidth(level, size) / TILE_WIDTH);
    rows.set(`${level}/${index}`, rowsOf(hashes));
    if (levelWidth(level, size) !== levelWidth(level, edge.size))
      files.push({ path: tilePath({ level, index, width: hashes.length }), bytes: Buffer.concat(hashes) });
  }
  const bundles = growBundles(edge, added);
  const find: FindTile = (level, index) => rows.get(`${level}/${index}`) as TileRows;
  return {
    edge: { size, tiles, entries: bundles.rest },
    rootHash: size === 0 ? EMPTY_ROOT : rangeHash({ start: 0, end: size }, find),
    files: [...files, ...bundles.files],
    filled: [...filled, ...bundles.filled],
    find,
  };
}

function growBundles(
  edge: RightEdge,
  added: readonly NewEntry[],
): { readonly rest: readonly Uint8Array[]; readonly files: readonly NewFile[]; readonly filled: readonly TileName[] } {
  const all = [...edge.entries, ...added.map(({ entry }) => entry)];
  const files: NewFile[] = [];
  const filled: TileName[] = [];
  const first = Math.floor(edge.size / TILE_WIDTH);
  for (let start = 0; start < all.length; start += TILE_WIDTH) {
    const entries = all.slice(start, start + TILE_WIDTH);
    const name: TileName = { level: 'entries', index: first + start / TILE_WIDTH, width: entries.length };
    files.push({ path: tilePath(name), bytes: writeBundle(entries) });
    if (name.width === TILE_WIDTH) filled.push(name);
  }
  return { rest: all.slice(all.length - (all.length % TILE_WIDTH)), files, filled };
}
