import type { Database } from '../database.ts';
import { readPageIds } from '../list-page.ts';
import { whileUnchanged } from '../while-unchanged.ts';
import { type AskedBinaries, binariesAfter, binariesOf, binaryRequest } from './read.ts';
import { changedBetween, type RowMark, readMark } from './row-marks.ts';
import type { BinaryPackage } from './types.ts';

/** Reads binary packages for one who keeps them between lists. Of SQLite, where results are committed in the order of ids. */
export type TargetReader = {
  readonly ids: (asked: AskedBinaries) => Promise<readonly number[]>;
  readonly of: (ids: readonly number[]) => Promise<readonly BinaryPackage[]>;
  /** Those with the ids next after one, in their order. */
  readonly following: (id: number, atMost: number) => Promise<readonly BinaryPackage[]>;
  /** What is no longer as it was at a mark: rows of these ids, or any. What is read afterwards is as of `mark`, or newer. */
  readonly changedSince: (
    before: RowMark | undefined,
  ) => Promise<{ readonly mark: RowMark; readonly changed: 'any' | readonly number[] }>;
};

export function targetReader(database: Database): TargetReader {
  const markNow = whileUnchanged(database, () => database.read('listing binary packages', readMark));
  return {
    ids: (asked) => readPageIds(database, binaryRequest(database, asked)),
    of: (ids) => database.read('listing binary packages', (db) => binariesOf(db, ids)),
    following: (id, atMost) => database.read('listing binary packages', (db) => binariesAfter(db, id, atMost)),
    changedSince: async (before) => {
      const mark = await markNow();
      const changed = await database.read('listing binary packages', (db) =>
        changedBetween(db, { before, now: mark }, 'id'),
      );
      return { mark, changed };
    },
  };
}
