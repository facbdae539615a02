import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { BinaryPackage, PackageFilter } from '../../store/packages/types.ts';
import type { ServerContext } from '../context.ts';
import { innerJson } from './answers.ts';
import { oldPackageView } from './views.ts';

/** So many ids are one piece: what a result changes is read anew with all of its piece. */
const IDS = 1_000;
/** A result that was recorded beside others may appear after newer ones, which are so many at most. */
const UNSETTLED = 500;
const MOST_LISTS = 8;

/**
 * Lists of packages in version 0's JSON, without brackets, in pieces that are kept, packed: clients ask for everything,
 * again and again, and little of it changes. A piece may be empty. A sync makes all of it new, a result the pieces of its
 * packages. A list of a name is read as it is asked for.
 */
export function keptPieces(
  store: Pick<ServerContext['store'], 'packages' | 'results'>,
): (filter: PackageFilter) => AsyncGenerator<Buffer> {
  const lists = new Map<string, Map<number, Buffer>>();
  let syncs = '';
  let recorded: ReadonlySet<number> = new Set();
  /** Another one whenever pieces are let go: what was read before then is not kept. */
  let epoch = 0;

  const refresh = async (): Promise<void> => {
    const finished = JSON.stringify((await store.packages.profiles()).map((profile) => profile.finishedAt ?? ''));
    const { records } = await store.results.results({}, { direction: 'descending', limit: UNSETTLED });
    const fresh = records.filter((result) => !recorded.has(result.id));
    const changed = new Set<number>();
    const isAllNew = finished !== syncs || (records.length > 0 && fresh.length === records.length);
    if (!isAllNew)
      for (const source of new Set(fresh.map((result) => result.source)))
        for (const { id } of (await store.packages.binaryPackages({ source }, {})).records) changed.add(pieceOf(id));
    if (isAllNew) lists.clear();
    for (const list of lists.values()) for (const number of changed) list.delete(number);
    if (isAllNew || changed.size > 0) epoch += 1;
    syncs = finished;
    recorded = new Set(records.map((result) => result.id));
  };
  let refreshing = Promise.resolve();

  return async function* pieces(filter) {
    if (filter.name !== undefined) {
      for await (const rows of store.packages.eachBinaryPackage(filter)) yield jsonOf(rows);
      return;
    }
    refreshing = refreshing.catch(() => {}).then(refresh);
    await refreshing;
    const key = JSON.stringify(Object.entries(filter).sort());
    const newest = await store.packages.binaryPackages({}, { direction: 'descending', limit: 1 });
    const last = newest.records[0] === undefined ? -1 : pieceOf(newest.records[0].id);
    for (let number = 0; number <= last; number++) {
      const before = lists.get(key)?.get(number);
      if (before !== undefined) {
        yield zstdDecompressSync(before);
        continue;
      }
      const begun = epoch;
      const piece = await readPiece(filter, number);
      if (begun === epoch) keep(key, number, piece);
      yield piece;
    }
  };

  async function readPiece(filter: PackageFilter, number: number): Promise<Buffer> {
    const range = { after: number * IDS, upTo: (number + 1) * IDS };
    const parts: Buffer[] = [];
    for await (const rows of store.packages.eachBinaryPackage(filter, range)) parts.push(COMMA, jsonOf(rows));
    return Buffer.concat(parts.slice(1));
  }

  function keep(key: string, number: number, piece: Buffer): void {
    const list = lists.get(key) ?? new Map<number, Buffer>();
    lists.delete(key);
    lists.set(key, list.set(number, zstdCompressSync(piece)));
    const [oldest] = lists.keys();
    if (lists.size > MOST_LISTS && oldest !== undefined) lists.delete(oldest);
  }
}

const COMMA = Buffer.from(',');

function jsonOf(rows: readonly BinaryPackage[]): Buffer {
  return Buffer.from(innerJson(rows.map(oldPackageView)));
}

function pieceOf(id: number): number {
  return Math.floor((id - 1) / IDS);
}
