import { joinSubtrees, type LeafRange, nodeHash, type Subtree, subtreesOf } from './merkle.ts';
import { TILE_HEIGHT, tileOfSubtree } from './tiles.ts';

/** A tile with the nodes above its hashes: row r has one node for each 2^r hashes that are all there. */
export type TileRows = readonly (readonly Uint8Array[])[];

/** Gives the tile of a level and index. It has to be one of the tree's. */
export type FindTile = (level: number, index: number) => TileRows;

export function rowsOf(hashes: readonly Uint8Array[]): TileRows {
  const rows: (readonly Uint8Array[])[] = [hashes];
  for (let row = hashes; row.length > 1 && rows.length <= TILE_HEIGHT; ) {
    row = Array.from({ length: Math.floor(row.length / 2) }, (_, place) =>
      nodeHash(row[place * 2] as Uint8Array, row[place * 2 + 1] as Uint8Array),
    );
    rows.push(row);
  }
  return rows;
}

/** The hash over all of a full tile: what the tile above has in its place. */
export function topOf(rows: TileRows): Uint8Array {
  return rows[TILE_HEIGHT]?.[0] as Uint8Array;
}

/** The tiles that the hashes of ranges are in, each once. */
export function tilesOfRanges(
  ranges: readonly LeafRange[],
): readonly { readonly level: number; readonly index: number }[] {
  const tiles = ranges.flatMap(subtreesOf).map(tileOfSubtree);
  return [...new Map(tiles.map((tile) => [`${tile.level}/${tile.index}`, tile])).values()];
}

/** The hash of a range, out of tiles. */
export function rangeHash(range: LeafRange, find: FindTile): Uint8Array {
  return joinSubtrees(subtreesOf(range).map((subtree) => subtreeHash(subtree, find)));
}

function subtreeHash(subtree: Subtree, find: FindTile): Uint8Array {
  const { level, index, start, count } = tileOfSubtree(subtree);
  return find(level, index)[subtree.level % TILE_HEIGHT]?.[start / count] as Uint8Array;
}

/**
 * The proof of a leaf's place, as inclusionRanges has it, found by climbing: at each level the node beside, where there is
 * one. `edges` keeps what is not a whole subtree, which many leaves of a tree share; it is of one size of the tree.
 */
export function climb(
  index: number,
  size: number,
  { find, edges }: { readonly find: FindTile; readonly edges: Map<number, Uint8Array> },
): readonly Uint8Array[] {
  const proof: Uint8Array[] = [];
  let place = index;
  let last = size - 1;
  for (let level = 0; last > 0; level++) {
    const width = 2 ** level;
    if (place % 2 === 1) proof.push(subtreeHash({ level, index: place - 1 }, find));
    else if ((place + 2) * width <= size) proof.push(subtreeHash({ level, index: place + 1 }, find));
    else if (place < last) {
      const start = (place + 1) * width;
      const edge = edges.get(start) ?? rangeHash({ start, end: size }, find);
      edges.set(start, edge);
      proof.push(edge);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return proof;
}
