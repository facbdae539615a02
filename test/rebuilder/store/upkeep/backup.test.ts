import { chmod, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  backup,
  fsck,
  openBlobs,
  openDatabase,
  openStore,
  prune,
  restore,
  STORE_FILE,
} from '../../../../rebuilder/store/index.ts';
import { closedAfterTest } from '../../../contract/store.ts';
import { recordRebuild } from '../../../helpers/recorded-rebuild.ts';
import { sampleRequest } from '../../../helpers/sample-record.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

async function makeBackup(data: string, target: string) {
  const database = await openDatabase(data);
  try {
    return await backup({ data, database }, target, '0.1.0');
  } finally {
    await database.close();
  }
}

/** A data folder with a rebuild, evidence and a key, and the folder it is in. */
async function filledFolder() {
  const folder = await temporaryFolder();
  const data = path.join(folder, 'data');
  const record = await recordRebuild(data, 'less', 'a log');
  await mkdir(path.join(data, 'rebuilds', record.id), { recursive: true });
  await writeFile(path.join(data, 'rebuilds', record.id, 'record.json'), '{}');
  await writeFile(path.join(data, 'worker.key'), 'secret', { mode: 0o600 });
  return { folder, data, record, target: path.join(folder, 'copy') };
}

describe('a backup', () => {
  it('is a data folder itself: records, blobs, evidence and keys, nothing that passes', async () => {
    const { data, record, target } = await filledFolder();
    await writeFile(path.join(data, 'blobs', 'tmp', 'half'), 'half');
    const { note, copied } = await makeBackup(data, target);
    expect(note.database).toBe('sqlite');
    expect(copied.files).toBe(4);
    const store = closedAfterTest(await openStore(target));
    expect(await store.record(record.id)).toEqual(record);
    expect(await readFile(path.join(target, 'worker.key'), 'utf8')).toBe('secret');
    expect((await stat(path.join(target, 'worker.key'))).mode & 0o777).toBe(0o600);
    expect((await stat(path.join(target, STORE_FILE))).mode & 0o777).toBe(0o600);
    expect(await readdir(path.join(target, 'rebuilds', record.id))).toEqual(['record.json']);
    const names = await readdir(target, { recursive: true });
    expect(names.filter((name) => name.includes('half'))).toEqual([]);
  });

  it('shares the bytes of what never changes, and stays whole when the original goes', async () => {
    const { data, target } = await filledFolder();
    const { copied } = await makeBackup(data, target);
    expect(copied.linked).toBe(3);
    await rm(data, { recursive: true });
    const database = await openDatabase(target);
    const report = await fsck({ database, blobs: await openBlobs(path.join(target, 'blobs')) }, { quick: false });
    await database.close();
    expect(report).toMatchObject({ ok: true, blobs: 2, orphaned: 0 });
  });

  it('is of one moment though others write meanwhile', async () => {
    const { data, target } = await filledFolder();
    const store = closedAfterTest(await openStore(data));
    let ended = false;
    const writing = (async () => {
      while (!ended) {
        await store.createRebuild(sampleRequest);
        // SQLite answers at once: without a turn of the loop nobody else would have one.
        await turn();
      }
    })();
    await makeBackup(data, target);
    ended = true;
    await writing;
    const copy = new Sqlite(path.join(target, STORE_FILE), { readonly: true });
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(copy.pragma('application_id', { simple: true })).toBe(0x52707266);
    copy.close();
  });

  it('and deleting by rules never run at once, and nothing is left of one that failed', async () => {
    const { folder, data, target } = await filledFolder();
    const database = await openDatabase(data);
    const blobs = await openBlobs(path.join(data, 'blobs'));
    const rules = { newest: 1, graceSeconds: 0 };
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const waiting = {
      ...database,
      copyTo: async (file: string) => {
        reached.resolve();
        await goOn.promise;
        return database.copyTo(file);
      },
    };
    const making = backup({ data, database: waiting }, target, '0');
    await reached.promise;
    const busy = { code: 'STORE_BUSY' };
    await expect(prune({ data, database, blobs }, rules, { really: true })).rejects.toMatchObject(busy);
    await expect(backup({ data, database }, path.join(folder, 'other'), '0')).rejects.toMatchObject(busy);
    expect(await prune({ data, database, blobs }, rules, { really: false })).toMatchObject({ logs: { blobs: 0 } });
    goOn.resolve();
    await making;
    await prune({ data, database, blobs }, rules, { really: true });
    await database.close();
    expect((await readdir(folder)).sort()).toEqual(['copy', 'data']);
    expect(await readdir(target)).not.toContain('upkeep.lock');
  });

  it('does not write over anything', async () => {
    const { data, target } = await filledFolder();
    await mkdir(target);
    await writeFile(path.join(target, 'mine'), 'mine');
    await expect(makeBackup(data, target)).rejects.toMatchObject({ code: 'USAGE' });
    expect(await readdir(target)).toEqual(['mine']);
  });

  it('that breaks leaves nothing, and what a killed one left is removed by the next', async () => {
    const { folder, data, target } = await filledFolder();
    const database = await openDatabase(data);
    const failing = { ...database, copyTo: async () => Promise.reject(new Error('the disk is full')) };
    await expect(backup({ data, database: failing }, target, '0')).rejects.toThrow('the disk is full');
    await database.close();
    expect(await readdir(folder)).toEqual(['data']);
    const left = path.join(`${target}.partial`, `1:1:${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}:1_ab`);
    await mkdir(left, { recursive: true });
    await makeBackup(data, target);
    expect((await readdir(folder)).sort()).toEqual(['copy', 'data']);
  });
});

describe('restoring', () => {
  it('gives back what was backed up, as files of its own', async () => {
    const { folder, data, record, target } = await filledFolder();
    await makeBackup(data, target);
    await rm(data, { recursive: true });
    const restored = await restore(target, data);
    expect(restored.report).toMatchObject({ ok: true, blobs: 2 });
    const store = closedAfterTest(await openStore(data));
    expect(await store.record(record.id)).toEqual(record);
    const log = record.attempts[0]?.log.blob ?? '';
    const file = (at: string) => path.join(at, 'blobs', 'sha256', log.slice(0, 2), log);
    expect((await stat(file(data))).ino).not.toBe((await stat(file(target))).ino);
    expect((await readdir(folder)).sort()).toEqual(['copy', 'data']);
  });

  it('refuses a folder with something in it, and one that is no backup', async () => {
    const { folder, data, target } = await filledFolder();
    await makeBackup(data, target);
    await expect(restore(target, data)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(restore(data, path.join(folder, 'new'))).rejects.toMatchObject({ code: 'USAGE' });
    expect((await readdir(folder)).sort()).toEqual(['copy', 'data']);
  });

  it('restores nothing of a damaged backup, and names what is damaged', async () => {
    const { folder, data, record, target } = await filledFolder();
    await makeBackup(data, target);
    await rm(data, { recursive: true });
    const log = record.attempts[0]?.log.blob ?? '';
    const file = path.join(target, 'blobs', 'sha256', log.slice(0, 2), log);
    await chmod(file, 0o600);
    await truncate(file, 3);
    await expect(restore(target, data)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining(log),
    });
    expect(await readdir(folder)).toEqual(['copy']);
  });
});

describe('fsck of a SQLite file', () => {
  it('finds rows that others changed, lost triggers and damaged blobs', async () => {
    const { data, record } = await filledFolder();
    const file = new Sqlite(path.join(data, STORE_FILE));
    file.exec('drop trigger record_no_update');
    file.prepare("update record set value = replace(value, 'unreproducible', 'reproducible')").run();
    file.close();
    const blobs = await openBlobs(path.join(data, 'blobs'));
    const log = record.attempts[0]?.log.blob ?? '';
    const blob = (await blobs.path(log)) ?? '';
    await chmod(blob, 0o600);
    await writeFile(blob, 'another log');
    const database = await openDatabase(data);
    const report = await fsck({ database, blobs }, { quick: false });
    await database.close();
    expect(report.ok).toBe(false);
    expect(report.damaged).toEqual([log]);
    expect(report.database).toEqual([
      'the trigger record_no_update is gone: rows can be changed',
      `the text of a record of rebuild ${record.id} is another`,
    ]);
  });
});
