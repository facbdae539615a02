import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompressSync } from 'node:zlib';
import type { BinaryPackage, PackageFilter } from '../../store/packages/types.ts';
import type { ServerContext } from '../context.ts';
import { innerJson } from './answers.ts';
import { type Coding, encode } from './codings.ts';
import { oldPackageView } from './views.ts';

/** So many ids are one piece: what a result changes is read anew with all of its piece. */
const IDS = 1_000;
/** A result that was recorded beside others may appear after newer ones, which are so many at most. */
const UNSETTLED = 500;
const MOST_BYTES = 64 * 1024 ** 2;
/** Of one list, as it is sent to who takes no coding: 100,000 packages. */
const MOST_PLAIN_BYTES = 32 * 1024 ** 2;
const OPENING = Buffer.from('[');

/** Lists of packages in version 0's JSON, kept between requests. */
export type KeptLists = {
  /** A whole list in a coding. One of a name is read as it is asked for, and always plain. */
  readonly body: (filter: PackageFilter, coding: Coding) => AsyncIterable<Buffer>;
  /** Reads what is missing of the list of everything, with a pause after each piece. */
  readonly warm: (pause: () => Promise<unknown>) => Promise<void>;
};

/** Something that is made once; how large it is is known when it is. */
type Kept<Value> = { readonly made: Promise<Value>; bytes: number };

/**
 * Pieces are packed; each row in them begins with a comma, and there may be none. Once somebody asked for that they are kept
 * as they are, too, as many as may be. Bodies are the whole list in a coding that somebody asked for.
 */
type List = {
  readonly pieces: Map<number, Kept<Buffer>>;
  readonly plain: Map<number, Buffer>;
  readonly bodies: Map<Coding, Kept<readonly Buffer[]>>;
};

/**
 * Clients ask for everything, again and again, and little of it changes: the list is kept in pieces, and whole in the
 * codings it is sent in. A sync makes all of it new, a result the pieces of its packages. What is kept takes 64 MiB at
 * most, beside one list.
 */
export function keptLists(store: Pick<ServerContext['store'], 'packages' | 'results'>): KeptLists {
  const lists = new Map<string, List>();
  let state = '';
  let recorded: ReadonlySet<number> = new Set();
  let last = -1;

  const refresh = async (): Promise<void> => {
    const finished = (await store.packages.profiles()).map((profile) => profile.finishedAt ?? '');
    const newest = (await store.packages.binaryPackages({}, { direction: 'descending', limit: 1 })).records[0]?.id ?? 0;
    const { records } = await store.results.results({}, { direction: 'descending', limit: UNSETTLED });
    const fresh = records.filter((result) => !recorded.has(result.id));
    const now = JSON.stringify([newest, ...finished]);
    if (now !== state || (records.length > 0 && fresh.length === records.length)) lists.clear();
    else {
      const changed = new Set<number>();
      for (const source of new Set(fresh.map((result) => result.source)))
        for (const { id } of (await store.packages.binaryPackages({ source }, {})).records) changed.add(pieceOf(id));
      for (const list of lists.values()) forget(list, changed);
    }
    state = now;
    last = newest === 0 ? -1 : pieceOf(newest);
    recorded = new Set(records.map((result) => result.id));
  };
  let refreshing = Promise.resolve();
  const listOf = async (filter: PackageFilter): Promise<List> => {
    refreshing = refreshing.catch(() => {}).then(refresh);
    await refreshing;
    const key = JSON.stringify(Object.entries(filter).sort());
    const list = lists.get(key) ?? { pieces: new Map(), plain: new Map(), bodies: new Map() };
    lists.delete(key);
    lists.set(key, list);
    bound(lists);
    return list;
  };

  /** One that is read is kept from its beginning on, so that others wait for it, and whoever changes it lets it go. */
  const pieceAt = (list: List, filter: PackageFilter, number: number): Promise<Buffer> =>
    remember(list.pieces, number, () => readPiece(store, filter, number).then((text) => pack(text)));

  const plainPiece = async (list: List, filter: PackageFilter, number: number): Promise<Buffer> => {
    const made = pieceAt(list, filter, number);
    const packed = await made;
    const before = list.plain.get(number);
    if (before !== undefined) return before;
    const piece = zstdDecompressSync(packed);
    // What changed meanwhile is not kept.
    const isCurrent = list.pieces.get(number)?.made === made;
    if (isCurrent && plainBytes(list) + piece.length <= MOST_PLAIN_BYTES) list.plain.set(number, piece);
    return piece;
  };

  async function* plain(list: List, filter: PackageFilter): AsyncGenerator<Buffer> {
    let isFirst = true;
    const upTo = last;
    for (let number = 0; number <= upTo; number++) {
      const piece = await plainPiece(list, filter, number);
      // Who reads as fast as this is written would have nobody else served.
      await setImmediate();
      if (piece.length === 0) continue;
      if (isFirst) yield OPENING;
      // In place of the comma that each piece begins with.
      yield isFirst ? piece.subarray(1) : piece;
      isFirst = false;
    }
    yield Buffer.from(isFirst ? '[]' : ']');
  }

  return {
    body: async function* body(filter, coding) {
      if (filter.name !== undefined) {
        yield Buffer.from('[');
        let separator = '';
        for await (const rows of store.packages.eachBinaryPackage(filter)) {
          yield Buffer.from(separator + jsonOf(rows));
          separator = ',';
        }
        yield Buffer.from(']');
        return;
      }
      const list = await listOf(filter);
      if (coding === 'identity') yield* plain(list, filter);
      else yield* await remember(list.bodies, coding, () => encode(plain(list, filter), coding));
    },
    warm: async (pause) => {
      const list = await listOf({});
      for (let number = 0; number <= last; number++) {
        if (list.pieces.has(number)) continue;
        await pieceAt(list, {}, number);
        await pause();
      }
    },
  };
}

/** What is kept under a key; else it is made, and kept unless that fails. */
function remember<Key, Value extends Buffer | readonly Buffer[]>(
  map: Map<Key, Kept<Value>>,
  key: Key,
  make: () => Promise<Value>,
): Promise<Value> {
  const before = map.get(key);
  if (before !== undefined) return before.made;
  const kept: Kept<Value> = { made: make(), bytes: 0 };
  map.set(key, kept);
  kept.made.then(
    (value) => {
      kept.bytes = bytesOf(value);
    },
    () => {
      if (map.get(key) === kept) map.delete(key);
    },
  );
  return kept.made;
}

function bytesOf(value: Buffer | readonly Buffer[]): number {
  return Buffer.isBuffer(value) ? value.length : value.reduce((sum, part) => sum + part.length, 0);
}

function forget(list: List, changed: ReadonlySet<number>): void {
  if (changed.size > 0) list.bodies.clear();
  for (const number of changed) {
    list.pieces.delete(number);
    list.plain.delete(number);
  }
}

function plainBytes({ plain }: List): number {
  let bytes = 0;
  for (const { length } of plain.values()) bytes += length;
  return bytes;
}

/** Lets the lists go that were asked for longest ago, until the others are within the limit. */
function bound(lists: Map<string, List>): void {
  const sizes = [...lists].map(([key, list]) => {
    const kept = [...list.pieces.values(), ...list.bodies.values()];
    return { key, bytes: kept.reduce((sum, { bytes }) => sum + bytes, plainBytes(list)) };
  });
  let bytes = sizes.reduce((sum, list) => sum + list.bytes, 0);
  for (const list of sizes.slice(0, -1)) {
    if (bytes <= MOST_BYTES) return;
    lists.delete(list.key);
    bytes -= list.bytes;
  }
}

async function readPiece(
  store: Pick<ServerContext['store'], 'packages'>,
  filter: PackageFilter,
  number: number,
): Promise<string> {
  const range = { after: number * IDS, upTo: (number + 1) * IDS };
  const parts: string[] = [];
  for await (const rows of store.packages.eachBinaryPackage(filter, range)) parts.push(`,${jsonOf(rows)}`);
  return parts.join('');
}

const compress = promisify(zstdCompress);

function pack(text: string): Promise<Buffer> {
  return compress(Buffer.from(text));
}

function jsonOf(rows: readonly BinaryPackage[]): string {
  return innerJson(rows.map(oldPackageView));
}

function pieceOf(id: number): number {
  return Math.floor((id - 1) / IDS);
}
