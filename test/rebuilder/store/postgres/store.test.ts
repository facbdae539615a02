import { openStore } from '../../../../rebuilder/store/index.ts';
import { closedAfterTest, describeStore } from '../../../contract/store.ts';
import { postgresOfFile } from '../../../helpers/postgres.ts';

// The clock steps a second at each reading, so that what is ordered by time has an order.
let seconds = Date.UTC(2026, 0, 1) / 1000;
const now = (): Date => new Date(++seconds * 1000);
const server = postgresOfFile();

describeStore('PostgreSQL', async () => {
  const address = await server.database();
  const open = async () => closedAfterTest(await openStore(address, { now }));
  return { store: await open(), reopen: open };
});
