import type { Database, Queries } from '../database.ts';
import { whileUnchanged } from '../while-unchanged.ts';
import type { AlikeReader } from './alike.ts';
import { changedBetween, type RowMark, readMark } from './row-marks.ts';

/**
 * How many rows of a table are alike, of SQLite. All are counted aside once and after each import; of a result only the
 * rows that it changed are read, and move from one group to another: a count of 70,000 rows takes 11 ms, for which most
 * lists would wait whenever a result was recorded.
 */
export function createTally<Group extends { readonly packages: number }>(
  database: Database,
  reader: AlikeReader<Group>,
): () => Promise<readonly Group[]> {
  const doing = 'counting packages';
  let kept = new AlikeRows<Group>();
  let mark: RowMark | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const refresh = async (): Promise<readonly Group[]> => {
    // Read first: what changes meanwhile is read again the next time.
    const now = await database.read(doing, readMark);
    const column = reader.table === 'binary_package' ? 'id' : 'source_package_id';
    const changed = await database.read(doing, (db) => changedBetween(db, { before: mark, now }, column));
    if (changed === 'any') {
      const counted = new AlikeRows<Group>();
      counted.place(await database.readAside(doing, (db: Queries) => reader.named(db)));
      kept = counted;
    } else if (changed.length > 0) kept.place(await database.read(doing, (db) => reader.named(db, changed)));
    mark = now;
    return kept.groups();
  };
  // One after the other: a row would move twice.
  return whileUnchanged(database, () => {
    const mine = last.catch(() => {}).then(refresh);
    last = mine;
    return mine;
  });
}

/** Groups, and in which each row is. */
export class AlikeRows<Group extends { readonly packages: number }> {
  readonly #groups: { readonly group: Group; packages: number }[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #numberOf = new Map<number, number>();

  /** Puts rows into groups, out of those they were in. What a group says of its own number is not looked at. */
  place(found: readonly { readonly group: Group; readonly ids: readonly number[] }[]): void {
    for (const { group, ids } of found) {
      const number = this.#numberFor(group);
      for (const id of ids) {
        this.#add(this.#numberOf.get(id), -1);
        this.#numberOf.set(id, number);
      }
      this.#add(number, ids.length);
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
