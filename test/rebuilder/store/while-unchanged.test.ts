import path from 'node:path';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../../rebuilder/store/database.ts';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { openReadingDatabase } from '../../../rebuilder/store/sqlite-reading.ts';
import { whileUnchanged } from '../../../rebuilder/store/while-unchanged.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

async function openThree() {
  const file = path.join(await temporaryFolder(), 'store.sqlite3');
  const [own, other] = [await openSqlite(file), await openSqlite(file)];
  const reading = openReadingDatabase(file);
  onTestFinished(async () => {
    for (const each of [own, other, reading]) await each.close();
  });
  return { own, other, reading };
}

const setRevision = (database: Database, revision: number): Promise<unknown> =>
  database.write('changing', (db) =>
    sql`insert into profile (name, distribution, revision) values ('p', 'debian', ${revision})
      on conflict (name) do update set revision = excluded.revision`.execute(db),
  );
const revisions = (database: Database): Promise<unknown> =>
  database.read('reading', async (db) => (await sql`select revision from profile`.execute(db)).rows);

describe('the state of a SQLite database', () => {
  it('stays as long as nothing is written, whatever is read', async () => {
    const { own, other, reading } = await openThree();
    await setRevision(own, 1);
    const before = [own, other, reading].map((each) => each.state?.());
    for (const each of [own, other, reading]) await revisions(each);
    expect([own, other, reading].map((each) => each.state?.())).toEqual(before);
    expect(before).not.toContain(undefined);
  });

  it('is another for each connection once one of them has written', async () => {
    const { own, other, reading } = await openThree();
    for (const writer of [own, other, own]) {
      const before = [own, other, reading].map((each) => each.state?.());
      await setRevision(writer, Math.random() * 1e6);
      for (const [at, each] of [own, other, reading].entries()) expect(each.state?.()).not.toBe(before[at]);
    }
  });

  it('is not known of one that is closed', async () => {
    const { own } = await openThree();
    await own.close();
    expect(own.state?.()).toBeUndefined();
  });
});

describe('what is read while nothing changes', () => {
  it('is read once, and again after every write', async () => {
    const { own, other, reading } = await openThree();
    let reads = 0;
    const told = whileUnchanged(reading, async () => {
      reads += 1;
      return revisions(reading);
    });
    for (const [at, writer] of [own, other, own].entries()) {
      await setRevision(writer, at);
      expect([await told(), await told(), await told()]).toEqual(Array(3).fill([{ revision: at }]));
      expect(reads).toBe(at + 1);
    }
  });

  it('is seen as it is after a write that others waited for', async () => {
    const { own } = await openThree();
    await setRevision(own, 1);
    const told = whileUnchanged(own, () => revisions(own));
    await told();
    const writing = own.write('changing', async (db) => {
      await sql`update profile set revision = 2`.execute(db);
      const meanwhile = told();
      await sql`update profile set revision = 3`.execute(db);
      return { meanwhile };
    });
    expect(await (await writing).meanwhile).toEqual([{ revision: 3 }]);
    expect(await told()).toEqual([{ revision: 3 }]);
  });

  it('is read anew after it failed, and each time where the state is not known', async () => {
    const { own } = await openThree();
    let reads = 0;
    const read = async (): Promise<number> => {
      reads += 1;
      if (reads === 1) throw new Error('not now');
      return reads;
    };
    const told = whileUnchanged(own, read);
    await expect(told()).rejects.toThrow('not now');
    expect([await told(), await told()]).toEqual([2, 2]);
    const { state: _, ...stateless } = own;
    const always = whileUnchanged(stateless, read);
    expect([await always(), await always()]).toEqual([3, 4]);
  });
});
