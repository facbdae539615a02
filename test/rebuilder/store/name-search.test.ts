import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createServiceStore } from '../../../rebuilder/store/index.ts';
import { createNameSearch } from '../../../rebuilder/store/packages/names.ts';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { listed } from '../../helpers/listed-packages.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const MANY = 6_000;

test('who searches while very many names are still to be read does not wait for them', async () => {
  const database = await openSqlite(path.join(await temporaryFolder(), 'names.sqlite3'));
  onTestFinished(() => database.close());
  const { packages } = createServiceStore(database);
  const sources = Array.from({ length: MANY }, (_, index) => listed(`package-${String(index).padStart(5, '0')}`, '1'));
  await packages.import({ profile: 'sid', distribution: 'debian', kind: 'whole' }, sources);
  // The same is found without the names and, later, by them.
  const found = async () => (await packages.binaryPackages({ search: '0599' }, {})).records.map((one) => one.name);
  const wanted = sources.filter(({ name }) => name.includes('0599')).map(({ name }) => name);
  expect(await found()).toEqual(wanted);

  const search = createNameSearch(database);
  expect(await search.holding('0599')).toBeUndefined();
  let later: readonly string[] | undefined;
  while (later === undefined) {
    await setImmediate();
    later = await search.holding('0599');
  }
  expect(later).toEqual(wanted);
  expect(await found()).toEqual(wanted);
});
