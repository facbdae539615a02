import path from 'node:path';
import { onTestFinished } from 'vitest';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { describePackageImport } from '../../contract/package-import.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describePackageImport('SQLite', async () => {
  const database = await openSqlite(path.join(await temporaryFolder(), 'store.sqlite3'));
  onTestFinished(() => database.close());
  return database;
});
