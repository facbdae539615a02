import path from 'node:path';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

async function open() {
  const database = await openSqlite(path.join(await temporaryFolder(), 'aside.sqlite3'), { aside: true });
  onTestFinished(() => database.close());
  return database;
}

const long = sql<{ sum: number }>`with recursive counted (n) as (select 1 union all select n + 1 from counted
  where n < 2000000) select sum(n) as sum from counted`;

test('what is read aside sees what was committed before it', async () => {
  const database = await open();
  for (const name of ['paused', 'draining']) {
    await database.write('setting', (db) =>
      db.insertInto('queue_setting').values({ name, value: 'on', set_at: database.now() }).execute(),
    );
    const rows = await database.readAside('reading', (db) => db.selectFrom('queue_setting').select('name').execute());
    expect(rows.map((row) => row.name)).toContain(name);
  }
});

test('others are served while it reads', async () => {
  const database = await open();
  let turns = 0;
  const counting = database.readAside('counting', (db) => long.execute(db));
  const turning = setInterval(() => (turns += 1), 1);
  const { rows } = await counting;
  clearInterval(turning);
  expect(rows).toEqual([{ sum: 2_000_001_000_000 }]);
  expect(turns).toBeGreaterThan(2);
});

test('what is short does not wait for what is long', async () => {
  const database = await open();
  const ended: string[] = [];
  const count = () => database.readAside('counting', (db) => long.execute(db)).then(() => ended.push('long'));
  // Both threads have begun, then.
  await Promise.all([count(), count()]);
  await Promise.all([
    count(),
    database.readAside('reading', (db) => sql`select 1 as one`.execute(db)).then(() => ended.push('short')),
  ]);
  expect(ended).toEqual(['long', 'long', 'short', 'long']);
});

test('it cannot write, and the next is read all the same', async () => {
  const database = await open();
  const writing = database.readAside('writing', (db) => sql`delete from queue_setting`.execute(db));
  await expect(writing).rejects.toMatchObject({ code: 'STORE_FAILED' });
  await expect(database.readAside('reading', (db) => sql`select 1 as one`.execute(db))).resolves.toMatchObject({
    rows: [{ one: 1 }],
  });
});

test('what is under way when the database closes is refused', async () => {
  const database = await openSqlite(path.join(await temporaryFolder(), 'closing.sqlite3'), { aside: true });
  const counting = expect(database.readAside('counting', (db) => long.execute(db))).rejects.toThrow();
  await database.close();
  await counting;
});
