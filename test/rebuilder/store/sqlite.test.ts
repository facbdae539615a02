import { openStore } from '../../../rebuilder/store/index.ts';
import { closedAfterTest, describeStore } from '../../contract/store.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

// The clock steps a second at each reading, so that what is ordered by time has an order.
let seconds = Date.UTC(2026, 0, 1) / 1000;
const now = (): Date => new Date(++seconds * 1000);

describeStore('SQLite', async () => {
  const folder = await temporaryFolder();
  const open = async () => closedAfterTest(await openStore(folder, { now }));
  return { store: await open(), reopen: open };
});
