import { nodeHash, type Subtree } from './merkle.ts';
import { malformed } from './strict-text.ts';

/** Hashes in a full tile, and entries in a full bundle. */
export const TILE_WIDTH = 256;
/** Levels of the tree in one tile. */
export const TILE_HEIGHT = 8;
export const HASH_BYTES = 32;

/** A tile of hashes, or a bundle of entries: `width` is how many of 256 it holds (c2sp.org/tlog-tiles). */
export type TileName = { readonly level: number | 'entries'; readonly index: number; readonly width: number };

/** Its path below the log's address: tile/0/x001/234, tile/entries/000.p/17. */
export function tilePath({ level, index, width }: TileName): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  const last = groups.pop() ?? '';
  const folders = groups.map((group) => `x${group}/`).join('');
  return `tile/${level}/${folders}${last}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

const PATH = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** Reads such a path in its one spelling; undefined for any other text. */
export function readTilePath(path: string): TileName | undefined {
  const [, level, groups, width] = PATH.exec(path) ?? [];
  if (level === undefined || groups === undefined) return undefined;
  const name: TileName = {
    level: level === 'entries' ? level : Number(level),
    index: Number(groups.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  const isName = typeof name.level === 'string' || name.level <= 63;
  return isName && Number.isSafeInteger(name.index) && tilePath(name) === path && Number(width ?? 1) < TILE_WIDTH
    ? name
    : undefined;
}

/** How many hashes a level of tiles has in a tree: one for each full tile below. */
export function levelWidth(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** A tile of a tree by its level and index, as wide as the tree's size makes it; undefined where it would be empty. */
export function tileOf(level: number | 'entries', index: number, size: number): TileName | undefined {
  const width = Math.min(levelWidth(level === 'entries' ? 0 : level, size) - index * TILE_WIDTH, TILE_WIDTH);
  return width > 0 ? { level, index, width } : undefined;
}

/** All partial tiles of a tree: the rightmost of each level that is not full, lowest level first. */
export function partialTiles(size: number): readonly TileName[] {
  const tiles: TileName[] = [];
  for (let level = 0; levelWidth(level, size) > 0; level++) {
    const width = levelWidth(level, size) % TILE_WIDTH;
    if (width > 0) tiles.push({ level, index: Math.floor(levelWidth(level, size) / TILE_WIDTH), width });
  }
  return tiles;
}

/** Where a node of the tree is found: the tile, and the hashes of it that are joined to make the node. */
export function tileOfSubtree({ level, index }: Subtree): {
  readonly level: number;
  readonly index: number;
  readonly start: number;
  readonly count: number;
} {
  const count = 2 ** (level % TILE_HEIGHT);
  const first = index * count;
  return {
    level: Math.floor(level / TILE_HEIGHT),
    index: Math.floor(first / TILE_WIDTH),
    start: first % TILE_WIDTH,
    count,
  };
}

/** The hashes of a tile. Throws LOG_MALFORMED where it is not as long as its name says. */
export function readTile(bytes: Uint8Array, name: TileName): readonly Uint8Array[] {
  if (bytes.length !== name.width * HASH_BYTES)
    throw malformed(`reading ${tilePath(name)}`, `it is of ${bytes.length} bytes, not of ${name.width * HASH_BYTES}`);
  return Array.from({ length: name.width }, (_, place) => bytes.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES));
}

/** The hash over a power of two of hashes. */
export function joinHashes(hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes;
  while (row.length > 1)
    row = Array.from({ length: row.length / 2 }, (_, place) =>
      nodeHash(row[place * 2] as Uint8Array, row[place * 2 + 1] as Uint8Array),
    );
  return row[0] as Uint8Array;
}

/** The most an entry may be long, for its length is told in two bytes. */
export const MAX_ENTRY_BYTES = 65_535;

/** The entries of a bundle. Throws LOG_MALFORMED where it does not hold just as many as its name says. */
export function readBundle(bytes: Uint8Array, name: TileName): readonly Uint8Array[] {
  const doing = `reading ${tilePath(name)}`;
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < name.width) {
    if (at + 2 > bytes.length) throw malformed(doing, `it ends after ${entries.length} entries of ${name.width}`);
    const length = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    if (at + 2 + length > bytes.length) throw malformed(doing, `entry ${entries.length} in it goes past its end`);
    entries.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  if (at !== bytes.length) throw malformed(doing, `bytes follow its ${name.width} entries`);
  return entries;
}

/** A bundle of entries, each at most MAX_ENTRY_BYTES long: a length of two bytes, the most significant first, then the entry. */
export function writeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    at = bytes.writeUInt16BE(entry.length, at);
    bytes.set(entry, at);
    at += entry.length;
  }
  return bytes;
}

/** The most bytes a tile or a bundle can be. */
export const MAX_TILE_BYTES = TILE_WIDTH * HASH_BYTES;
export const MAX_BUNDLE_BYTES = TILE_WIDTH * (MAX_ENTRY_BYTES + 2);
