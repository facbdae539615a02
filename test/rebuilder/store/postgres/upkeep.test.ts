import { expect, it } from 'vitest';
import { openBlobs, openDatabase } from '../../../../rebuilder/store/index.ts';
import { describeUpkeep } from '../../../contract/upkeep.ts';
import { clockedDatabase, closed, postgresOfFile } from '../../../helpers/postgres.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

const server = postgresOfFile();
describeUpkeep('PostgreSQL', async () => ({
  ...(await clockedDatabase(server)),
  data: await temporaryFolder(),
  blobs: await openBlobs(await temporaryFolder()),
}));

it('says which rows of PostgreSQL could be changed, and what does not compare by bytes', async () => {
  const address = await server.database();
  const database = closed(await openDatabase(address));
  expect(await database.check()).toEqual([]);
  await server.query(address, 'alter table result disable trigger result_no_change');
  await server.query(address, 'alter table worker add column more text');
  expect(await database.check()).toEqual([
    'the trigger result_no_change is gone or off: rows can be changed',
    'the column worker.more does not compare by bytes',
  ]);
});
