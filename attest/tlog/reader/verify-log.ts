import { type ErrorCode, isReproofError, ReproofError } from '../../../model/index.ts';
import { openCheckpoint, witnessesOf } from '../checkpoint.ts';
import { readEntry } from '../entry.ts';
import { leafHash } from '../merkle.ts';
import { NOTE_LIMITS } from '../note.ts';
import type { VerifierKey } from '../note-key.ts';
import { EMPTY_EDGE, grow, type RightEdge } from '../right-edge.ts';
import { sameBytes, toBase64 } from '../strict-text.ts';
import { rowsOf, topOf } from '../tile-rows.ts';
import {
  HASH_BYTES,
  MAX_BUNDLE_BYTES,
  MAX_TILE_BYTES,
  partialTiles,
  readBundle,
  readTile,
  readTilePath,
  TILE_WIDTH,
  type TileName,
  tileOf,
  tilePath,
  writeBundle,
} from '../tiles.ts';
import type { ListedSource } from './tile-source.ts';

/** A file of a log that is not as it has to be. */
export type LogFault = { readonly file: string; readonly code: ErrorCode; readonly why: string };

/** What a look at every byte of a log found. It is sound where `faults` is empty. */
export type LogReport = {
  readonly origin: string;
  readonly size: number;
  /** Base64. */
  readonly rootHash: string;
  /** Names of the witnesses whose cosignature of the checkpoint is right. */
  readonly witnesses: readonly string[];
  /** Files that were read and compared. */
  readonly files: number;
  readonly faults: readonly LogFault[];
};

export type VerifyOptions = {
  readonly key: VerifierKey;
  readonly witnesses?: readonly VerifierKey[];
  /** Told of how many entries were read so far. */
  readonly onProgress?: (entries: number, size: number) => void;
  readonly signal?: AbortSignal;
};

/**
 * Reads all of a log: its checkpoint's signatures, each entry, each tile and each partial one that is still there. Memory
 * does not grow with the log. Throws LOG_CORRUPT, LOG_MALFORMED and LOG_SIGNATURE_INVALID where there is no checkpoint to
 * begin with; what is wrong past that is in the report, by file.
 */
export async function verifyLog(source: ListedSource, options: VerifyOptions): Promise<LogReport> {
  const bytes = await source.read('checkpoint', NOTE_LIMITS.bytes);
  if (bytes === undefined) throw new ReproofError('LOG_CORRUPT', 'reading checkpoint of a log: it is missing');
  const signed = openCheckpoint(bytes, options.key);
  const { origin, size, rootHash } = signed.checkpoint;
  const witnesses = witnessesOf(signed, options.witnesses ?? []).map(({ name }) => name);
  const faults: LogFault[] = [];
  const look = lookAt(source, size, faults);
  let edge: RightEdge = EMPTY_EDGE;
  let doubtful: RightEdge | undefined;
  for (let bundle = 0; bundle * TILE_WIDTH < size; bundle++) {
    options.signal?.throwIfAborted();
    const found = await look.bundle(bundle);
    if (found === undefined) return report();
    if (found.otherwise !== undefined) doubtful = growBy(edge, found.otherwise).edge;
    const growth = growBy(edge, found.leaves);
    edge = growth.edge;
    for (const file of growth.files) if (isAbove(file.path) && !file.path.includes('.p/')) await look.compare(file);
    options.onProgress?.(edge.size, size);
  }
  for (const name of partialTiles(size)) {
    const bytes = Buffer.concat(edge.tiles[name.level as number] ?? []);
    if (name.level !== 0) await look.compare({ path: tilePath(name), bytes });
  }
  if (!sameBytes(rootOf(edge), rootHash)) {
    const isOther = doubtful !== undefined && sameBytes(rootOf(doubtful), rootHash);
    // The entries of the last bundle are wrong then, and its tile is right.
    faults.push(
      isOther
        ? look.lastEntries()
        : { file: 'checkpoint', code: 'LOG_CORRUPT', why: 'the entries do not give the root it was signed for' },
    );
  } else if (doubtful !== undefined) faults.push(look.lastTile());
  return report();

  function report(): LogReport {
    return { origin, size, rootHash: toBase64(rootHash), witnesses, files: look.files() + 1, faults };
  }
}

const NO_ENTRY = new Uint8Array();

function growBy(edge: RightEdge, leaves: readonly Uint8Array[]): ReturnType<typeof grow> {
  return grow(
    { ...edge, entries: [] },
    leaves.map((leaf) => ({ entry: NO_ENTRY, leaf })),
  );
}

function rootOf(edge: RightEdge): Uint8Array {
  return grow({ ...edge, entries: [] }, []).rootHash;
}

function isAbove(path: string): boolean {
  const level = readTilePath(path)?.level;
  return typeof level === 'number' && level > 0;
}

type Look = {
  readonly bundle: (
    index: number,
  ) => Promise<{ readonly leaves: readonly Uint8Array[]; readonly otherwise?: readonly Uint8Array[] } | undefined>;
  readonly compare: (file: { readonly path: string; readonly bytes: Uint8Array }) => Promise<void>;
  readonly lastEntries: () => LogFault;
  readonly lastTile: () => LogFault;
  readonly files: () => number;
};

function lookAt(source: ListedSource, size: number, faults: LogFault[]): Look {
  let files = 0;
  const last = tileOf('entries', Math.ceil(size / TILE_WIDTH) - 1, size);
  const blame = (file: string, why: string, code: ErrorCode = 'LOG_CORRUPT'): LogFault => ({ file, code, why });

  /** What reading a file gives, or undefined and a fault. */
  const attempt = async <T>(
    name: TileName,
    maxBytes: number,
    read: (bytes: Uint8Array) => T,
  ): Promise<T | undefined> => {
    const file = tilePath(name);
    try {
      const bytes = await source.read(file, maxBytes);
      if (bytes === undefined) throw new ReproofError('LOG_CORRUPT', `reading ${file} of a log: it is missing`);
      files++;
      return read(bytes);
    } catch (error) {
      if (!isReproofError(error, 'LOG_CORRUPT', 'LOG_MALFORMED')) throw error;
      faults.push(blame(file, error.message, error.code));
      return undefined;
    }
  };

  const parts = async (name: TileName, prefix: (width: number) => Uint8Array): Promise<void> => {
    const folder = `${tilePath({ ...name, width: TILE_WIDTH })}.p`;
    for (const width of (await source.list(folder)).map(Number)) {
      // What lies past the checkpoint belongs to a writer at work.
      if (!(width >= 1 && width <= name.width && width < TILE_WIDTH) || width === name.width) continue;
      const bytes = await attempt({ ...name, width }, MAX_BUNDLE_BYTES, (all) => all);
      if (bytes !== undefined && !sameBytes(bytes, prefix(width)))
        faults.push(blame(`${folder}/${width}`, 'it is not what the tree began with here'));
    }
  };

  const parentHash = async (index: number): Promise<Uint8Array | undefined> => {
    const name = tileOf(1, Math.floor(index / TILE_WIDTH), size);
    const bytes = name && (await source.read(tilePath(name), MAX_TILE_BYTES).catch(() => undefined));
    const start = (index % TILE_WIDTH) * HASH_BYTES;
    return bytes !== undefined && bytes.length >= start + HASH_BYTES
      ? bytes.subarray(start, start + HASH_BYTES)
      : undefined;
  };

  return {
    files: () => files,
    lastEntries: () => blame(tilePath(last as TileName), 'its entries are not those that the tree has'),
    lastTile: () => blame(tilePath({ ...(last as TileName), level: 0 }), 'it does not have the hashes of the entries'),
    compare: async ({ path, bytes }) => {
      const name = readTilePath(path) as TileName;
      const there = await attempt(name, MAX_TILE_BYTES, (all) => all);
      if (there !== undefined && !sameBytes(there, bytes))
        faults.push(blame(path, 'it is not what the tiles and entries below it give'));
      await parts(name, (width) => bytes.subarray(0, width * HASH_BYTES));
    },
    bundle: async (index) => {
      const name = tileOf('entries', index, size) as TileName;
      const entries = await attempt(name, MAX_BUNDLE_BYTES, (bytes) => readBundle(bytes, name));
      const tileName = { ...name, level: 0 };
      const tile = await attempt(tileName, MAX_TILE_BYTES, (bytes) => readTile(bytes, tileName));
      for (const [place, entry] of (entries ?? []).entries()) {
        const why = whyNoEntry(entry);
        if (why !== undefined)
          faults.push(blame(tilePath(name), `entry ${index * TILE_WIDTH + place}: ${why}`, 'LOG_MALFORMED'));
      }
      if (entries !== undefined) await parts(name, (width) => writeBundle(entries.slice(0, width)));
      if (tile !== undefined) await parts(tileName, (width) => Buffer.concat(tile.slice(0, width)));
      const leaves = entries?.map(leafHash);
      if (leaves === undefined || tile === undefined)
        return (leaves ?? tile) && { leaves: leaves ?? (tile as readonly Uint8Array[]) };
      const wrong = leaves.findIndex((leaf, place) => !sameBytes(leaf, tile[place] as Uint8Array));
      if (wrong < 0) return { leaves };
      // Of a full tile the one above says which is right; of a partial one, the root.
      const above = name.width === TILE_WIDTH ? await parentHash(index) : undefined;
      if (name.width < TILE_WIDTH) return { leaves, otherwise: tile };
      const isTile = above !== undefined && sameBytes(topOf(rowsOf(tile)), above);
      if (isTile)
        faults.push(blame(tilePath(name), `entry ${index * TILE_WIDTH + wrong} is not the one that the tree has`));
      else faults.push(blame(tilePath(tileName), `it does not have the hash of entry ${index * TILE_WIDTH + wrong}`));
      return { leaves: isTile ? tile : leaves };
    },
  };
}

function whyNoEntry(entry: Uint8Array): string | undefined {
  try {
    readEntry(entry);
    return undefined;
  } catch (error) {
    if (!isReproofError(error)) throw error;
    return error.message;
  }
}
