import path from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { type Coding, codingFor } from '../../../../rebuilder/server/rebuilderd/codings.ts';
import { keptLists } from '../../../../rebuilder/server/rebuilderd/kept-lists.ts';
import { createServiceStore } from '../../../../rebuilder/store/index.ts';
import { openSqlite } from '../../../../rebuilder/store/sqlite.ts';
import { binaryRow, serviceRows } from '../../../helpers/service-data.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

/** A list of 1,001 packages, and from where in it pieces were read. */
async function openList() {
  const database = await openSqlite(path.join(await temporaryFolder(), 'list.sqlite3'));
  onTestFinished(() => database.close());
  const rows = serviceRows(database);
  await rows.source({});
  await rows.input({});
  await rows.source({ name: 'last' });
  await rows.input({ source: 'last' });
  const many = Array.from({ length: 1_000 }, (_, at) => binaryRow({ name: `p${at}` }));
  await database.write('making test data', (db) => db.insertInto('binary_package').values(many).execute());
  await rows.binary({ name: 'last', source_package_id: 2, build_input_id: 2 });
  await rows.result({});
  const store = createServiceStore(database);
  const read: (number | undefined)[] = [];
  const { packages } = store;
  const lists = keptLists({
    results: store.results,
    packages: {
      ...packages,
      eachBinaryPackage: (filter, range) => {
        read.push(range?.after);
        return packages.eachBinaryPackage(filter, range);
      },
    },
  });
  const bytes = async (filter: object, coding: Coding) => {
    const parts: Buffer[] = [];
    for await (const part of lists.body(filter, coding)) parts.push(part);
    return Buffer.concat(parts);
  };
  const list = async (filter = {}) =>
    JSON.parse((await bytes(filter, 'identity')).toString()) as { name: string; status: string }[];
  return { store, list, bytes, read, warm: () => lists.warm(async () => {}) };
}

const BAD = {
  origin: 'imported',
  startedAt: '2026-02-01T00:00:00.000Z',
  builtAt: '2026-02-01T00:00:00.000Z',
  status: 'BAD',
  verdict: 'unreproducible',
  decides: true,
  artifacts: [],
} as const;

it('reads a list once, and after a result the piece of its packages alone', async () => {
  const { store, list, read } = await openList();
  const before = await list();
  expect(before).toHaveLength(1_001);
  expect(await list()).toEqual(before);
  expect(read).toEqual([0, 1_000]);
  await store.results.importResult(2, BAD);
  const after = await list();
  expect(read).toEqual([0, 1_000, 1_000]);
  expect(after.at(-1)).toMatchObject({ name: 'last', status: 'BAD' });
  expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
});

it('reads all of it again after a sync, and tells what it added', async () => {
  const { store, list, read } = await openList();
  await list();
  const file = { name: 'new', version: '1', architecture: 'all', url: 'https://deb.example.org/n', fileName: 'n.deb' };
  const source = { distribution: 'debian', release: 'trixie', name: 'new', version: '1', architecture: 'all' };
  await store.packages.import({ profile: 'p', distribution: 'debian', kind: 'whole' }, [{ ...source, files: [file] }]);
  expect((await list()).map(({ name }) => name).slice(-2)).toEqual(['last', 'new']);
  expect(read).toEqual([0, 1_000, 0, 1_000]);
});

it('keeps lists of other filters apart, and looks for a name without reading pieces', async () => {
  const { list, read } = await openList();
  expect(await list({ distribution: 'other' })).toEqual([]);
  expect((await list({ name: 'last' })).map(({ name }) => name)).toEqual(['last']);
  expect(await list({ distribution: 'debian' })).toHaveLength(1_001);
  expect(read).toEqual([0, 1_000, undefined, 0, 1_000]);
});

it('is the same in every coding, before and after a result', async () => {
  const { store, bytes, read } = await openList();
  for (const round of [0, 1]) {
    const plain = await bytes({}, 'identity');
    for (const [coding, unpack] of [
      ['zstd', zstdDecompressSync],
      ['gzip', gunzipSync],
    ] as const)
      for (const _ of [1, 2]) expect(unpack(await bytes({}, coding))).toEqual(plain);
    if (round === 0) await store.results.importResult(2, BAD);
    else expect(plain.toString()).toContain('"BAD"');
  }
  expect(read).toEqual([0, 1_000, 1_000]);
});

it('tells nobody what changed while it was read', async () => {
  const { store, bytes, list } = await openList();
  await list();
  await store.results.importResult(2, BAD);
  const asking = [bytes({}, 'identity'), bytes({}, 'identity')];
  await store.results.importResult(1, BAD);
  await Promise.all(asking);
  const statuses = (await list()).map(({ status }) => status);
  expect(statuses.filter((status) => status === 'BAD')).toHaveLength(1_001);
});

it('is ready before it is asked for', async () => {
  const { list, warm, read } = await openList();
  await warm();
  expect(read).toEqual([0, 1_000]);
  await list();
  await warm();
  expect(read).toEqual([0, 1_000]);
});

it('is read once for all who ask at the same time', async () => {
  const { list, bytes, read } = await openList();
  await Promise.all([list(), list(), bytes({}, 'zstd'), bytes({}, 'zstd')]);
  expect(read).toEqual([0, 1_000]);
});

it.each([
  [undefined, 'identity'],
  ['zstd', 'zstd'],
  ['gzip, deflate, br, ZSTD', 'zstd'],
  ['gzip;q=0.5, br', 'gzip'],
  ['zstd;q=0, gzip;q=0.1', 'gzip'],
  ['br', 'identity'],
  ['zstd;q=nonsense', 'identity'],
] as const)('a client that accepts %s gets %s', (header, coding) => {
  expect(codingFor(header)).toBe(coding);
});
