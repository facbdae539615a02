import { openSqlite } from '../../rebuilder/store/sqlite.ts';

// A program: node hold-writer.ts FILE. Is the only writer of a SQLite file, as a long sync is, until its input ends.
const database = await openSqlite(process.argv[2] ?? '');
await database.write('writing for long', async (db) => {
  await db.updateTable('queue_setting').set({ value: 'off' }).execute();
  process.stdout.write('writing\n');
  for await (const _ of process.stdin);
});
await database.close();
