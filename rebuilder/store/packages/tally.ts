import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Database, Queries } from '../database.ts';
import { whileUnchanged } from '../while-unchanged.ts';
import type { AlikeReader, NamedGroup } from './alike.ts';
import { changedBetween, type RowMark, readMark } from './row-marks.ts';

export type Tally<Group> = {
  readonly groups: () => Promise<readonly Group[]>;
  /** Resolves once it is known of each row in which group it is, or could not be found out. */
  readonly ready: () => Promise<void>;
};

const DOING = 'counting packages';
/** After a start and a sync all that is kept is read anew, which is let by. */
const BEFORE_MILLISECONDS = 2_000;

/**
 * How many rows of a table are alike, of SQLite. After a start and an import all are counted, and soon it is known of each
 * row in which group it is; of a result only the rows that it changed are then read, and move from one group to another:
 * a count of 70,000 rows takes 11 ms, for which most lists would wait whenever a result was recorded.
 */
export function createTally<Group extends { readonly packages: number }>(
  database: Database,
  reader: AlikeReader<Group>,
  beforeMilliseconds = BEFORE_MILLISECONDS,
): Tally<Group> {
  let kept: { readonly rows: AlikeRows<Group>; readonly mark: RowMark } | undefined;
  let learning: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const learn = async (): Promise<void> => {
    await sleep(beforeMilliseconds, undefined, { ref: false });
    // Read first: what changes meanwhile is read again the next time.
    const mark = await database.read(DOING, readMark);
    const found = await database.readAside(DOING, (db: Queries) => reader.named(db));
    const rows = new AlikeRows<Group>();
    for (const one of found) await rows.place(one);
    kept = { rows, mark };
  };
  const refresh = async (): Promise<readonly Group[]> => {
    const now = await database.read(DOING, readMark);
    const before = kept;
    const column = reader.table === 'binary_package' ? 'id' : 'source_package_id';
    const changed = await database.read(DOING, (db) => changedBetween(db, { before: before?.mark, now }, column));
    if (before === undefined || changed === 'any') {
      learning ??= learn().finally(() => {
        learning = undefined;
      });
      // What fails is tried again with the next question.
      learning.catch(() => {});
      return database.readAside(DOING, reader.counted);
    }
    if (changed.length > 0) {
      const found = await database.read(DOING, (db) => reader.named(db, changed));
      before.rows.forget(changed);
      for (const one of found) await before.rows.place(one);
    }
    kept = { rows: before.rows, mark: now };
    return before.rows.groups();
  };
  return {
    // One after the other: a row would move twice.
    groups: whileUnchanged(database, () => {
      const mine = last.catch(() => {}).then(refresh);
      last = mine;
      return mine;
    }),
    ready: async () => learning?.catch(() => {}),
  };
}

/** So many rows are placed in one go: in between, others are served. */
const IDS_AT_ONCE = 5_000;

/** Groups, and in which each row is. */
export class AlikeRows<Group extends { readonly packages: number }> {
  readonly #groups: { readonly group: Group; packages: number }[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #numberOf = new Map<number, number>();

  /** Puts rows that are in no group into one. What the group says of its own number is not looked at. */
  async place({ group, ids }: NamedGroup<Group>): Promise<void> {
    const number = this.#numberFor(group);
    for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
      if (at > 0) await setImmediate();
      for (const id of ids.slice(at, at + IDS_AT_ONCE)) {
        this.#numberOf.set(id, number);
        this.#add(number, 1);
      }
    }
  }

  /** Takes rows out of the groups they are in, if any. */
  forget(ids: readonly number[]): void {
    for (const id of ids) {
      this.#add(this.#numberOf.get(id), -1);
      this.#numberOf.delete(id);
    }
  }

  /** Those with any rows. */
  groups(): readonly Group[] {
    return this.#groups.filter(({ packages }) => packages > 0).map(({ group, packages }) => ({ ...group, packages }));
  }

  #add(number: number | undefined, packages: number): void {
    const entry = number === undefined ? undefined : this.#groups[number];
    if (entry !== undefined) entry.packages += packages;
  }

  #numberFor(group: Group): number {
    const key = JSON.stringify({ ...group, packages: 0 });
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#groups.length);
    return this.#groups.push({ group, packages: 0 }) - 1;
  }
}
