import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Queries } from '../database.ts';
import { isSerializationFailure, translatePostgresError } from './errors.ts';

/** The table that every writer locks: shared by those that go on beside others, alone by one that met others too often. */
export const GATE = 'write_gate';

/** How often a transaction is begun anew beside others before it asks to be alone. */
const TRIES_BESIDE_OTHERS = 6;
const PAUSE_MILLISECONDS = 4;

type Waiting = { readonly seconds: number; readonly doing: string; readonly place: string };

/**
 * Runs `work` as if it were the only writer. First beside others, as a serializable transaction: PostgreSQL ends it
 * when what it read was changed meanwhile, and it begins again. After some tries it closes the gate and is the only
 * writer indeed, so that a long transaction gets its turn among many short ones. docs/decisions/postgres.md has figures.
 */
export async function writeSerializably<T>(
  db: Queries,
  work: (db: Queries) => Promise<T>,
  waiting: Waiting,
): Promise<T> {
  const end = performance.now() + waiting.seconds * 1000;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(db, work, tries > TRIES_BESIDE_OTHERS);
    } catch (error) {
      if (!isSerializationFailure(error) || performance.now() >= end)
        throw translatePostgresError(error, waiting.doing, waiting.place);
    }
    // Those that met should not meet again at the same moment.
    await sleep(Math.random() * PAUSE_MILLISECONDS * 2 ** Math.min(tries, 5));
  }
}

async function attempt<T>(db: Queries, work: (db: Queries) => Promise<T>, alone: boolean): Promise<T> {
  const mode = sql.raw(alone ? 'share row exclusive' : 'row exclusive');
  return db
    .transaction()
    .setIsolationLevel('serializable')
    .execute(async (transaction) => {
      // LOCK takes no snapshot: what is read after it is as the one who left last left it.
      await sql`lock table ${sql.table(GATE)} in ${mode} mode`.execute(transaction);
      return work(transaction);
    });
}
