import path from 'node:path';
import { onTestFinished } from 'vitest';
import { openBlobs, openDatabase } from '../../../../rebuilder/store/index.ts';
import { standingClock } from '../../../contract/service-database.ts';
import { describeUpkeep } from '../../../contract/upkeep.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

describeUpkeep('SQLite', async () => {
  const folder = await temporaryFolder();
  const clock = standingClock();
  const database = await openDatabase(folder, { now: clock.now });
  onTestFinished(() => database.close());
  return { data: folder, database, blobs: await openBlobs(path.join(folder, 'blobs')), clock };
});
