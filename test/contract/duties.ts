import { beforeEach, describe, expect, it } from 'vitest';
import { createDutyStore, type DutyStore } from '../../rebuilder/store/duties.ts';
import type { MadeDatabase } from './service-database.ts';

/** What every store of duties does, whatever database is under it. */
export function describeDuties(name: string, makeDatabase: () => Promise<MadeDatabase>): void {
  let made: MadeDatabase;
  let duties: DutyStore;
  beforeEach(async () => {
    made = await makeDatabase();
    duties = createDutyStore(made.database);
  });

  describe(`${name}: duties`, () => {
    it('are of one holder at a time, on every connection', async () => {
      const other = createDutyStore(await made.reopen());
      expect(await duties.take('sync', 'a', 60)).toBe(true);
      expect(await other.take('sync', 'b', 60)).toBe(false);
      expect(await other.take('retention', 'b', 60)).toBe(true);
    });

    it('stay with who keeps taking them, and go to another when that one is silent', async () => {
      await duties.take('sync', 'a', 60);
      made.clock.pass(59);
      expect(await duties.take('sync', 'a', 60)).toBe(true);
      made.clock.pass(59);
      expect(await duties.take('sync', 'b', 60)).toBe(false);
      made.clock.pass(1);
      expect(await duties.take('sync', 'b', 60)).toBe(true);
      expect(await duties.take('sync', 'a', 60)).toBe(false);
    });

    it('are given to one alone of many who ask at the same moment', async () => {
      const others = await Promise.all(Array.from({ length: 4 }, async () => createDutyStore(await made.reopen())));
      const taken = await Promise.all(others.map((one, at) => one.take('sync', `server ${at}`, 60)));
      expect(taken.filter((isTaken) => isTaken)).toHaveLength(1);
    });

    it('are released by their holder alone, and say when they were done', async () => {
      await duties.take('retention', 'a', 60);
      expect(await duties.doneAt('retention')).toBeUndefined();
      await duties.noteDone('retention', 'b');
      await duties.release('retention', 'b');
      expect(await duties.doneAt('retention')).toBeUndefined();
      expect(await duties.take('retention', 'b', 60)).toBe(false);
      await duties.noteDone('retention', 'a');
      await duties.release('retention', 'a');
      expect(await duties.take('retention', 'b', 60)).toBe(true);
      expect(await duties.doneAt('retention')).toBe(made.clock.now().toISOString());
    });
  });
}
