import path from 'node:path';
import { onTestFinished } from 'vitest';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { describeHeldBack } from '../../contract/held-back.ts';
import { describeLookingUp } from '../../contract/looking-up.ts';
import { describePackageCounts } from '../../contract/package-counts.ts';
import { describePackageReading } from '../../contract/package-reading.ts';
import { describeResultReading } from '../../contract/result-reading.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const make = async () => {
  const database = await openSqlite(path.join(await temporaryFolder(), 'service.sqlite3'));
  onTestFinished(() => database.close());
  return database;
};

describePackageReading('SQLite', make);
describePackageCounts('SQLite', make);
describeHeldBack('SQLite', make);
describeResultReading('SQLite', make);
describeLookingUp('SQLite', make);
