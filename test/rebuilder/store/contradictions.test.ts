import path from 'node:path';
import { onTestFinished } from 'vitest';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { describeContradictions } from '../../contract/contradictions.ts';
import { standingClock } from '../../contract/service-database.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describeContradictions('SQLite', async () => {
  const folder = await temporaryFolder();
  const clock = standingClock();
  const open = async () => {
    const database = await openSqlite(path.join(folder, 'queue.sqlite3'), { now: clock.now });
    onTestFinished(() => database.close());
    return database;
  };
  return { database: await open(), reopen: open, clock };
});
