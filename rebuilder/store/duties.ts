import type { Database } from './database.ts';
import { secondsAfter } from './seconds-after.ts';
import type { DutyTable } from './tables.ts';

/** What one server at a time does for all that work over one database: syncs, looking at old verdicts again, deleting. */
export type DutyName = 'sync' | 'reverification' | 'retention';

/** Who does what for all. Every implementation passes test/contract/duties.ts. */
export interface DutyStore {
  /** Takes a duty for so long, or keeps it so long from now. False while another has it. */
  take(name: DutyName, holder: string, seconds: number): Promise<boolean>;
  /** Lets others have it at once. */
  release(name: DutyName, holder: string): Promise<void>;
  /** Notes that its work was done now. */
  noteDone(name: DutyName, holder: string): Promise<void>;
  /** When it was last noted, as ISO 8601. */
  doneAt(name: DutyName): Promise<string | undefined>;
}

/** Duties over any dialect's database. */
export function createDutyStore(database: Database): DutyStore {
  const rowOf = (name: DutyName) =>
    database.read(`reading the duty ${name}`, (db) =>
      db.selectFrom('duty').selectAll().where('name', '=', name).executeTakeFirst(),
    );
  const update = async (name: DutyName, holder: string, set: Partial<DutyTable>): Promise<void> => {
    await database.write(`noting the duty ${name}`, (db) =>
      db.updateTable('duty').set(set).where('name', '=', name).where('holder', '=', holder).execute(),
    );
  };
  return {
    take: async (name, holder, seconds) => {
      const before = await rowOf(name);
      // Who only looks writes nothing.
      if (before !== undefined && before.holder !== holder && before.held_until > database.now()) return false;
      return database.write(`taking the duty ${name}`, async (db) => {
        const now = database.now();
        const held_until = secondsAfter(now, seconds);
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('duty')
          .values({ name, holder, held_until })
          .onConflict((conflict) =>
            conflict
              .column('name')
              .doUpdateSet({ holder, held_until })
              .where((eb) => eb.or([eb('duty.holder', '=', holder), eb('duty.held_until', '<=', now)])),
          )
          .executeTakeFirstOrThrow();
        return (numInsertedOrUpdatedRows ?? 0n) > 0n;
      });
    },
    release: (name, holder) => update(name, holder, { held_until: database.now() }),
    noteDone: (name, holder) => update(name, holder, { done_at: database.now() }),
    doneAt: async (name) => (await rowOf(name))?.done_at ?? undefined,
  };
}
