import { open, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openStore, STORE_FILE } from '../../../rebuilder/store/index.ts';
import { closedAfterTest } from '../../contract/store.ts';
import { sampleRecord, sampleRequest, sampleTarget } from '../../helpers/sample-record.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const stage = { stage: 'source', startedAt: '2026-01-02T03:04:05.678Z', wallSeconds: 1 } as const;

/** A data folder whose store holds one finished rebuild, closed again. */
async function filledFolder(): Promise<{ folder: string; file: string; id: string }> {
  const folder = path.join(await temporaryFolder(), 'data');
  const store = await openStore(folder);
  const id = await store.createRebuild(sampleRequest);
  await store.saveStage(id, { ...stage, value: { target: sampleTarget, padding: 'x'.repeat(100_000) } });
  await store.saveRecord(sampleRecord(id));
  await store.environments.saveEnvironment({
    lockDigest: 'l',
    rootfsDigest: 'r',
    imageId: 'i',
    engineId: 'e',
    bytes: 1,
  });
  await store.close();
  return { folder, file: path.join(folder, STORE_FILE), id };
}

function withHandle<T>(file: string, work: (handle: Sqlite.Database) => T): T {
  const handle = new Sqlite(file);
  try {
    return work(handle);
  } finally {
    handle.close();
  }
}

describe("the store's file", () => {
  it('is made for its owner alone', async () => {
    const { folder, file } = await filledFolder();
    expect(((await stat(folder)).mode & 0o777).toString(8)).toBe('700');
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
  });

  it('keeps its write-ahead log for its owner alone too', async () => {
    const { folder, file } = await filledFolder();
    closedAfterTest(await openStore(folder));
    expect(((await stat(`${file}-wal`)).mode & 0o777).toString(8)).toBe('600');
  });

  it('opens again with all it had, and is not migrated twice', async () => {
    const { folder, file, id } = await filledFolder();
    const schema = () => withHandle(file, (handle) => handle.prepare('select sql from sqlite_schema').all());
    const before = schema();
    const store = await openStore(folder);
    expect(await store.record(id)).toEqual(sampleRecord(id));
    await store.close();
    expect(schema()).toEqual(before);
  });

  it('is made once when many open it at the same moment', async () => {
    const folder = await temporaryFolder();
    const stores = await Promise.all(Array.from({ length: 6 }, () => openStore(folder)));
    for (const store of stores) closedAfterTest(store);
    await Promise.all(stores.map((store) => store.createRebuild(sampleRequest)));
    expect(await stores[0]?.rebuilds({ limit: 10 })).toHaveLength(6);
  });

  it.each(['rebuild', 'target', 'stage', 'record', 'rootfs'])(
    'lets nobody change or delete a row of %s',
    async (table) => {
      const { file } = await filledFolder();
      withHandle(file, (handle) => {
        const column = handle.pragma(`table_info(${table})`) as { name: string }[];
        const before = handle.prepare(`select * from ${table}`).all();
        expect(before).toHaveLength(1);
        const change = `update ${table} set ${column.at(-1)?.name} = null`;
        expect(() => handle.exec(change)).toThrow('append-only');
        expect(() => handle.exec(`delete from ${table}`)).toThrow('append-only');
        handle.pragma('recursive_triggers = on');
        expect(() => handle.exec(`insert or replace into ${table} select * from ${table}`)).toThrow('append-only');
        expect(handle.prepare(`select * from ${table}`).all()).toEqual(before);
      });
    },
  );

  it('holds canonical JSON, so equal values are equal bytes', async () => {
    const { folder, file } = await filledFolder();
    const store = await openStore(folder);
    const values = [
      { b: [1, { d: null, c: 'é' }], a: true },
      { a: true, b: [1, { c: 'é', d: null }] },
    ];
    const ids: string[] = [];
    for (const value of values) {
      const id = await store.createRebuild(sampleRequest);
      await store.saveStage(id, { ...stage, value });
      ids.push(id);
    }
    await store.close();
    const stored = withHandle(file, (handle) =>
      ids.map((id) => handle.prepare('select cast(value as blob) from stage where rebuild_id = ?').pluck().get(id)),
    );
    expect(stored.map(String)).toEqual(Array(2).fill('{"a":true,"b":[1,{"c":"é","d":null}]}'));
  });
});

describe('a file that is not as it should be', () => {
  it('made by a newer version is refused with the way out, and left as it was', async () => {
    const { folder, file } = await filledFolder();
    withHandle(file, (handle) =>
      handle.exec("insert into kysely_migration values ('9999-later', '2030-01-01T00:00:00.000Z')"),
    );
    const before = await readFile(file);
    const opening = openStore(folder);
    await expect(opening).rejects.toMatchObject({ code: 'STORE_VERSION' });
    await expect(opening).rejects.toThrow(
      /newer version of reproof \(it has 9999-later\); use that version, or another/,
    );
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  it('holding something else is named as damaged or no database', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, STORE_FILE);
    await writeFile(file, 'This is a letter to my aunt.\n'.repeat(100));
    const opening = openStore(folder);
    await expect(opening).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await expect(opening).rejects.toThrow(file);
  });

  it("holding another program's tables is not touched", async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, STORE_FILE);
    withHandle(file, (handle) => handle.exec('create table recipes (name text)'));
    const before = await readFile(file);
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  it('cut short is named when it is opened or read', async () => {
    const { folder, file, id } = await filledFolder();
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length / 2));
    const using = async (): Promise<unknown> => closedAfterTest(await openStore(folder)).stages(id);
    await expect(using()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await expect(using()).rejects.toThrow(file);
  });

  it('with one changed byte in a value does not pass as what was stored', async () => {
    const { folder, file, id } = await filledFolder();
    const bytes = await readFile(file);
    const handle = await open(file, 'r+');
    await handle.write(Buffer.from('y'), 0, 1, bytes.indexOf('xxxxxxxx') + 3);
    await handle.close();
    const store = closedAfterTest(await openStore(folder));
    await expect(store.stages(id)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(await store.record(id)).toBeDefined();
  });

  it('in a folder that cannot be made says so', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'file'), '');
    await expect(openStore(path.join(folder, 'file', 'data'))).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});

describe('a file that another process writes', () => {
  it('is waited for, and then given up with STORE_BUSY', async () => {
    const { folder, file } = await filledFolder();
    const store = closedAfterTest(await openStore(folder, { busySeconds: 0.1 }));
    await withLock(file, async () => {
      const writing = store.createRebuild(sampleRequest);
      await expect(writing).rejects.toMatchObject({ code: 'STORE_BUSY' });
      await expect(writing).rejects.toThrow(/another process keeps .* locked; try again/);
      expect(await store.rebuilds({ limit: 10 })).toHaveLength(1);
    });
    await store.createRebuild(sampleRequest);
    expect(await store.rebuilds({ limit: 10 })).toHaveLength(2);
  });

  it('is written as soon as the other is done, with the event loop running meanwhile', async () => {
    const { folder, file } = await filledFolder();
    const store = closedAfterTest(await openStore(folder));
    let writing: Promise<string> | undefined;
    await withLock(file, async () => {
      writing = store.createRebuild(sampleRequest);
      const early = await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, 150, 'still waiting'))]);
      expect(early).toBe('still waiting');
    });
    expect(await writing).toHaveLength(12);
  });
});

async function withLock(file: string, work: () => Promise<void>): Promise<void> {
  const other = new Sqlite(file);
  try {
    other.exec('begin immediate');
    await work();
    other.exec('rollback');
  } finally {
    other.close();
  }
}
