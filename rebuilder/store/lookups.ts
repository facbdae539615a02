import { canonicalJson } from '../../model/index.ts';
import type { Database } from './database.ts';

/**
 * What pure functions of digests gave before: a cache, not a record. `kind` names the function and its version, `key`
 * is the digest of all it was given. Anything may be missing at any time, and nothing is evidence of anything.
 */
export interface Lookups {
  /** The value remembered, or undefined. */
  memo(kind: string, key: string): Promise<unknown | undefined>;
  /** Remembers a JSON value. The first one stays: the function is pure, so another would be equal. */
  remember(kind: string, key: string, value: unknown): Promise<void>;
  /** Forgets what was remembered before `time` (ISO 8601, UTC); gives how many. */
  forgetBefore(time: string): Promise<number>;
}

/** Look-ups over any dialect's database. */
export function createLookups(database: Database): Lookups {
  return {
    memo: (kind, key) =>
      database.read(`looking up ${kind} ${key}`, async (db) => {
        const row = await db
          .selectFrom('lookup')
          .select('value')
          .where('kind', '=', kind)
          .where('key', '=', key)
          .executeTakeFirst();
        return row === undefined ? undefined : parseOrNothing(row.value);
      }),
    remember: async (kind, key, value) => {
      const row = { kind, key, value: canonicalJson(value), created_at: database.now() };
      await database.write(`remembering ${kind} ${key}`, (db) =>
        db
          .insertInto('lookup')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },
    forgetBefore: (time) =>
      database.write('forgetting look-ups', async (db) => {
        const { numDeletedRows } = await db
          .deleteFrom('lookup')
          .where('created_at', '<', time)
          .executeTakeFirstOrThrow();
        return Number(numDeletedRows);
      }),
  };
}

/** A cache's damaged entry is one that is not there. */
function parseOrNothing(text: string): unknown | undefined {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
