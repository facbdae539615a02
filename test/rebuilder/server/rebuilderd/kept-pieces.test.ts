import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { keptPieces } from '../../../../rebuilder/server/rebuilderd/kept-pieces.ts';
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
  const pieces = keptPieces({
    results: store.results,
    packages: {
      ...packages,
      eachBinaryPackage: (filter, range) => {
        read.push(range?.after);
        return packages.eachBinaryPackage(filter, range);
      },
    },
  });
  const list = async (filter = {}) => {
    const texts: string[] = [];
    for await (const piece of pieces(filter)) texts.push(piece.toString());
    return JSON.parse(`[${texts.filter((text) => text !== '').join(',')}]`) as { name: string; status: string }[];
  };
  return { store, list, read };
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
