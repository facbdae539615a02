import { ReproofError } from '../../../model/index.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { consistencyRanges, EMPTY_ROOT, inclusionRanges, type LeafRange, leafHash } from '../merkle.ts';
import { sameBytes } from '../strict-text.ts';
import { rangeHash, rowsOf, type TileRows, tilesOfRanges, topOf } from '../tile-rows.ts';
import {
  MAX_BUNDLE_BYTES,
  MAX_TILE_BYTES,
  partialTiles,
  readBundle,
  readTile,
  TILE_WIDTH,
  type TileName,
  tileOf,
  tilePath,
} from '../tiles.ts';
import type { TileSource } from './tile-source.ts';

/** A log's tree as one checkpoint has it. Nothing is given that does not lead to the checkpoint's root. */
export type VerifiedTree = {
  readonly checkpoint: Checkpoint;
  /** The hashes that prove a leaf's place, leaf upwards. */
  readonly inclusionProof: (index: number) => Promise<readonly Uint8Array[]>;
  /** The hashes that prove that the tree begins with the one of a smaller size. */
  readonly consistencyProof: (from: number) => Promise<readonly Uint8Array[]>;
  /** The root the tree had at a size up to its own. */
  readonly rootAt: (size: number) => Promise<Uint8Array>;
  /** The hashes of a tile, the widest that the tree has in its place. */
  readonly tile: (level: number, index: number) => Promise<readonly Uint8Array[]>;
  /** The entries of a bundle, at most 256. */
  readonly entries: (bundle: number) => Promise<readonly Uint8Array[]>;
};

/** Tiles kept at a time, of 16 KiB each with their inner nodes. */
const KEPT_TILES = 256;

/**
 * Opens the tree of a checkpoint whose signature was verified: its partial tiles have to give its root; each full tile
 * read later has to give what the tile above says. Throws LOG_CORRUPT naming the file that is missing or does not, and
 * LOG_MALFORMED.
 */
export async function openTree(source: TileSource, checkpoint: Checkpoint): Promise<VerifiedTree> {
  const { size } = checkpoint;
  const edge = new Map<string, TileRows>();
  for (const name of partialTiles(size))
    edge.set(keyOf(name.level as number, name.index), await readRows(source, name));
  const root = size === 0 ? EMPTY_ROOT : rangeHash({ start: 0, end: size }, (level, index) => at(edge, level, index));
  if (!sameBytes(root, checkpoint.rootHash))
    throw corrupt(
      partialTiles(size).map(tilePath).join(', '),
      `the partial tiles do not give the root that is signed for ${size} entries`,
    );
  const kept = new Map<string, Promise<TileRows>>();

  const find = (level: number, index: number): Promise<TileRows> => {
    const key = keyOf(level, index);
    const rows = edge.get(key);
    if (rows !== undefined) return Promise.resolve(rows);
    const known = kept.get(key) ?? readFull(level, index);
    kept.delete(key);
    kept.set(key, known);
    if (kept.size > KEPT_TILES) kept.delete(kept.keys().next().value as string);
    known.catch(() => kept.delete(key));
    return known;
  };

  const readFull = async (level: number, index: number): Promise<TileRows> => {
    const name = { level, index, width: TILE_WIDTH };
    if (tileOf(level, index, size)?.width !== TILE_WIDTH)
      throw new ReproofError('INTERNAL', `reading ${tilePath(name)}: a tree of ${size} has no such tile`);
    const above = await find(level + 1, Math.floor(index / TILE_WIDTH));
    const rows = await readRows(source, name);
    if (!sameBytes(topOf(rows), above[0]?.[index % TILE_WIDTH] as Uint8Array))
      throw corrupt(tilePath(name), 'it does not give the hash that the tile above has for it');
    return rows;
  };

  const hashes = async (ranges: readonly LeafRange[]): Promise<readonly Uint8Array[]> => {
    const rows = new Map<string, TileRows>();
    for (const { level, index } of tilesOfRanges(ranges)) rows.set(keyOf(level, index), await find(level, index));
    return ranges.map((range) => rangeHash(range, (level, index) => at(rows, level, index)));
  };

  return {
    checkpoint,
    inclusionProof: (index) => hashes(inclusionRanges(index, size)),
    consistencyProof: (from) => hashes(consistencyRanges(from, size)),
    rootAt: async (before) =>
      before === 0 ? EMPTY_ROOT : ((await hashes([{ start: 0, end: before }]))[0] as Uint8Array),
    tile: async (level, index) => (await find(level, index))[0] as readonly Uint8Array[],
    entries: async (bundle) => {
      const name = tileOf('entries', bundle, size);
      if (name === undefined) throw new ReproofError('INTERNAL', `reading bundle ${bundle} of ${size} entries`);
      const leaves = (await find(0, bundle))[0] as readonly Uint8Array[];
      const entries = await readEntries(source, name);
      const wrong = entries.findIndex((entry, place) => !sameBytes(leafHash(entry), leaves[place] as Uint8Array));
      if (wrong >= 0)
        throw corrupt(tilePath(name), `entry ${bundle * TILE_WIDTH + wrong} is not the one that the tree has`);
      return entries;
    },
  };
}

async function readRows(source: TileSource, name: TileName): Promise<TileRows> {
  const bytes = await source.read(tilePath(name), MAX_TILE_BYTES);
  if (bytes !== undefined) return rowsOf(readTile(bytes, name));
  const full = await readWider(source, name, MAX_TILE_BYTES);
  return rowsOf(readTile(full.bytes, full.name).slice(0, name.width));
}

async function readEntries(source: TileSource, name: TileName): Promise<readonly Uint8Array[]> {
  const bytes = await source.read(tilePath(name), MAX_BUNDLE_BYTES);
  if (bytes !== undefined) return readBundle(bytes, name);
  const full = await readWider(source, name, MAX_BUNDLE_BYTES);
  return readBundle(full.bytes, full.name).slice(0, name.width);
}

/** A log may remove a partial tile once it has the full one. */
async function readWider(
  source: TileSource,
  name: TileName,
  maxBytes: number,
): Promise<{ readonly bytes: Uint8Array; readonly name: TileName }> {
  const full = { ...name, width: TILE_WIDTH };
  const bytes = name.width === TILE_WIDTH ? undefined : await source.read(tilePath(full), maxBytes);
  if (bytes === undefined) throw corrupt(tilePath(name), 'it is missing');
  return { bytes, name: full };
}

function keyOf(level: number, index: number): string {
  return `${level}/${index}`;
}

function at(rows: ReadonlyMap<string, TileRows>, level: number, index: number): TileRows {
  return rows.get(keyOf(level, index)) as TileRows;
}

function corrupt(file: string, why: string): ReproofError {
  return new ReproofError('LOG_CORRUPT', `reading ${file} of a log: ${why}`, { context: { file } });
}
