import path from 'node:path';
import { onTestFinished } from 'vitest';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { describeAccess } from '../../contract/access.ts';
import { standingClock } from '../../contract/service-database.ts';
import { describeWebhooks } from '../../contract/webhooks.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const make = async () => {
  const folder = await temporaryFolder();
  const clock = standingClock();
  const open = async () => {
    const database = await openSqlite(path.join(folder, 'access.sqlite3'), { now: clock.now });
    onTestFinished(() => database.close());
    return database;
  };
  return { database: await open(), reopen: open, clock };
};

describeAccess('SQLite', make);
describeWebhooks('SQLite', make);
