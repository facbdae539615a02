import path from 'node:path';
import { Readable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { retentionInChild, runIfDue } from '../../../rebuilder/retention/index.ts';
import { createDutyStore } from '../../../rebuilder/store/duties.ts';
import { openBlobs, STORE_FILE } from '../../../rebuilder/store/index.ts';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { standingClock } from '../../contract/service-database.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const NOTHING = {
  logs: { blobs: 0, bytes: 0 },
  files: { blobs: 0, bytes: 0 },
  orphans: { blobs: 0, bytes: 0 },
};

async function openDuties() {
  const clock = standingClock();
  const database = await openSqlite(path.join(await temporaryFolder(), 'duties.sqlite3'), { now: clock.now });
  onTestFinished(() => database.close());
  const ran: string[] = [];
  const look = (holder: string, run = async () => NOTHING) =>
    runIfDue(
      {
        duties: createDutyStore(database),
        holder,
        now: clock.now,
        run: async () => {
          ran.push(holder);
          return run();
        },
        onDone: () => {},
        onError: () => {},
      },
      new AbortController().signal,
    );
  return { clock, look, ran };
}

it('deletes once a day, whichever of two servers looks', async () => {
  const { clock, look, ran } = await openDuties();
  await look('a');
  await look('b');
  clock.pass(23 * 3600);
  await look('b');
  expect(ran).toEqual(['a']);
  clock.pass(3600);
  await look('b');
  await look('a');
  expect(ran).toEqual(['a', 'b']);
});

it('tries again after a failure, and never twice at a time', async () => {
  const { look, ran } = await openDuties();
  await expect(look('a', () => Promise.reject(new Error('a backup runs')))).rejects.toThrow('a backup runs');
  const held = Promise.withResolvers<typeof NOTHING>();
  const running = look('a', () => held.promise);
  await expect.poll(() => ran).toEqual(['a', 'a']);
  expect(await look('b')).toBe(false);
  held.resolve(NOTHING);
  expect(await running).toBe(true);
});

it('deletes in a process of its own what nothing refers to', async () => {
  const folder = await temporaryFolder();
  const database = await openSqlite(path.join(folder, STORE_FILE));
  await database.close();
  const blobs = await openBlobs(path.join(folder, 'blobs'));
  const { sha256 } = await blobs.put('log', Readable.from([Buffer.from('nobody knows me')]), 100);
  const task = { dataFolder: folder, database: folder, rules: { newest: 1, graceSeconds: -60 } };
  const pruned = await retentionInChild(task, new AbortController().signal);
  expect(pruned.orphans.blobs).toBe(1);
  expect((await Array.fromAsync(blobs.list())).map((blob) => blob.sha256)).not.toContain(sha256);
});

it('tells what went wrong in that process', async () => {
  const file = path.join(await temporaryFolder(), 'file');
  const task = { dataFolder: file, database: 'postgres://127.0.0.1:1/none', rules: { newest: 1, graceSeconds: 0 } };
  await expect(retentionInChild(task, new AbortController().signal)).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
  });
});
