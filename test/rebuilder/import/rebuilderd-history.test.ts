import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { importRebuilderdHistory } from '../../../rebuilder/import/index.ts';
import type { BlobStore, ServiceStore } from '../../../rebuilder/store/index.ts';
import { openBlobs, openRebuilderdDatabase, openServiceStore } from '../../../rebuilder/store/index.ts';

import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const DUMP = join(import.meta.dirname, '../../fixtures/rebuilderd/database-0.28.sql');

let store: ServiceStore;
let blobs: BlobStore;
let file: string;
const notes: string[] = [];

async function run() {
  const from = openRebuilderdDatabase(file);
  try {
    return await importRebuilderdHistory({
      from,
      store,
      blobs,
      limits: { logBytes: 1024 * 1024 },
      signal: new AbortController().signal,
      note: (text) => notes.push(text),
      progress: () => {},
    });
  } finally {
    from.close();
  }
}

async function textOf(sha256: string | undefined): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of blobs.read(sha256 ?? '')) pieces.push(piece);
  return Buffer.concat(pieces);
}

beforeEach(async () => {
  const folder = await temporaryFolder();
  file = join(folder, 'rebuilderd.db');
  const database = new Sqlite(file);
  database.exec(
    readFileSync(DUMP, 'utf8')
      .replace(/^(?:PRAGMA writable_schema|ANALYZE|INSERT INTO sqlite_stat1).*$/gm, '')
      .replace(/^CREATE TABLE IF NOT EXISTS sqlite_sequence.*$/gm, ''),
  );
  database.close();
  store = await openServiceStore(folder);
  blobs = await openBlobs(join(folder, 'blobs'));
  notes.length = 0;
});

describe("rebuilderd's history", () => {
  it('is taken over with its packages and builds', async () => {
    expect(await run()).toEqual({ sources: 5, files: 5, builds: 4, skipped: 1, unreadable: 0 });
    expect(notes).toEqual([]);
    const { records } = await store.packages.binaryPackages({}, { sort: 'name' });
    expect(records.map(({ name, release, component, status }) => [name, release, component, status])).toEqual([
      ['dfrs', 'sid', 'main', 'BAD'],
      ['failpkg', 'sid', 'main', 'BAD'],
      ['hello', 'forky', 'main', 'GOOD'],
      ['hello', 'sid', 'main', 'GOOD'],
      ['missing', 'sid', 'contrib', 'FAIL'],
    ]);
  });

  it('is marked as imported, with its own times', async () => {
    await run();
    const { records } = await store.results.results({}, { sort: 'id' });
    expect(
      records.map(({ source, origin, status, decides, builtAt }) => [source, origin, status, decides, builtAt]),
    ).toEqual([
      ['failpkg', 'imported', 'BAD', true, '2026-11-29T10:48:42.836Z'],
      ['hello', 'imported', 'GOOD', true, '2026-11-29T10:48:45.979Z'],
      ['missing', 'imported', 'FAIL', false, '2026-11-29T10:48:49.142Z'],
      ['rust-dfrs', 'imported', 'BAD', true, '2026-11-29T10:48:53.416Z'],
    ]);
  });

  it('keeps the log, the report and the attestation of a build', async () => {
    await run();
    const { records } = await store.results.results({}, { sort: 'id' });
    const log = zstdDecompressSync(await textOf(records[0]?.log?.sha256)).toString('latin1');
    expect(log).toContain('build failed');
    const [dfrs] = await store.results.artifacts(records[3]?.id ?? 0);
    expect((await textOf(dfrs?.report)).toString()).toContain('+tampered');
    const [hello] = await store.results.artifacts(records[1]?.id ?? 0);
    expect(JSON.parse((await textOf(hello?.attestation)).toString())).toMatchObject({
      signed: { name: 'rebuild hello_2.12.3-1_amd64.deb' },
    });
    expect(hello).toMatchObject({ verdict: 'unknown', status: 'GOOD', checkedHere: false });
  });

  it('leaves in the queue what was not reproduced', async () => {
    await run();
    const { records } = await store.jobs.jobs({}, {});
    expect(records.map((job) => job.source).sort()).toEqual(['failpkg', 'missing', 'rust-dfrs']);
  });

  it('is taken over once, however often it is asked', async () => {
    await run();
    expect(await run()).toMatchObject({ builds: 0, skipped: 5 });
    expect((await store.results.results({}, {})).total).toBe(4);
  });

  it('of a package that its last sync did not list any more is kept, and the package is not built again', async () => {
    const database = new Sqlite(file);
    database.exec("update source_packages set seen_in_last_sync = 0 where name = 'failpkg'");
    database.close();
    await run();
    const { records } = await store.packages.binaryPackages({ name: 'failpkg' }, {});
    expect(records).toMatchObject([{ seen: false, status: 'BAD' }]);
    expect((await store.jobs.jobs({ name: 'failpkg' }, {})).total).toBe(0);
  });

  it('with a name, an address, a time or a status that cannot be read is left out, and told of', async () => {
    const database = new Sqlite(file);
    database.exec(`
      update binary_packages set name = 'fail' || char(10) || 'pkg' where name = 'failpkg';
      update binary_packages set artifact_url = 'nowhere' where name = 'missing';
      update rebuilds set built_at = 'yesterday' where id = 5;
      update rebuilds set status = 'FINE' where id = 2`);
    database.close();
    expect(await run()).toEqual({ sources: 3, files: 3, builds: 1, skipped: 0, unreadable: 6 });
    expect(notes).toHaveLength(6);
  });

  it('whose log is no zstd, or longer than allowed, comes without it', async () => {
    const database = new Sqlite(file);
    database.exec("update build_logs set build_log = x'28b52ffd00ff' where id = 1");
    database.prepare('update build_logs set build_log = ? where id = 2').run(Buffer.alloc(2 * 1024 * 1024, 'x'));
    database.close();
    expect(await run()).toMatchObject({ builds: 4 });
    const { records } = await store.results.results({}, { sort: 'id' });
    expect(records.slice(0, 2).map(({ log }) => log)).toEqual([undefined, undefined]);
  });
});

describe('a file that is no database of rebuilderd', () => {
  it('is refused with the reason', async () => {
    const other = join(await temporaryFolder(), 'other.db');
    const database = new Sqlite(other);
    database.exec('create table packages (id integer)');
    database.close();
    expect(() => openRebuilderdDatabase(other)).toThrow(expect.objectContaining({ code: 'STORE_VERSION' }));
    expect(() => openRebuilderdDatabase(DUMP)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
    expect(() => openRebuilderdDatabase(`${other}.not-there`)).toThrow(
      expect.objectContaining({ code: 'STORE_FAILED' }),
    );
  });
});
