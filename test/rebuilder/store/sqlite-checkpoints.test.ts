import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { openCheckpoints } from '../../../rebuilder/store/sqlite-checkpoints.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const PAGE_BYTES = 4096;

/** A database with a log of its own, and what copies it every 20 ms. */
async function lab() {
  const file = path.join(await temporaryFolder(), 'checkpoints.sqlite3');
  const database = await openSqlite(file);
  const checkpoints = openCheckpoints(file, () => database.state?.(), 20);
  onTestFinished(async () => {
    await checkpoints.close();
    await database.close();
  });
  const write = (name: string) =>
    database.write('setting', (db) =>
      db
        .insertInto('queue_setting')
        .values({ name, value: 'x'.repeat(50_000), set_at: database.now() })
        .execute(),
    );
  return { file, checkpoints, write };
}

test('what was committed gets into the file without anybody committing more', async () => {
  const { file, write } = await lab();
  const before = (await stat(file)).size;
  for (const name of ['paused', 'draining']) await write(name);
  const until = Date.now() + 20_000;
  while ((await stat(file)).size < before + 100_000 && Date.now() < until) await sleep(10);
  expect((await stat(file)).size).toBeGreaterThanOrEqual(before + 100_000);
});

test('a checkpoint copies all that is in the log', async () => {
  const { checkpoints, write } = await lab();
  await write('paused');
  const { busy, log, checkpointed } = await checkpoints.now();
  expect(busy).toBe(0);
  expect(log).toBeGreaterThan(50_000 / PAGE_BYTES);
  expect(checkpointed).toBe(log);
});

test('a server, whose thread copies, lets the log become longer than others before it copies itself', async () => {
  const file = path.join(await temporaryFolder(), 'server.sqlite3');
  const server = await openSqlite(file, { aside: true });
  onTestFinished(() => server.close());
  const before = (await stat(file)).size;
  // 6 MB, past the thousand pages after which SQLite copies by itself, and long before the thread does.
  await server.write('setting', (db) =>
    db
      .insertInto('queue_setting')
      .values({ name: 'paused', value: 'x'.repeat(6_000_000), set_at: server.now() })
      .execute(),
  );
  expect((await stat(file)).size).toBe(before);
  expect((await stat(`${file}-wal`)).size).toBeGreaterThan(6_000_000);
});
