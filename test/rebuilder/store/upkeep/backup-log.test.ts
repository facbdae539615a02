import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderSource, readVerifierKey, verifyLog } from '../../../../attest/index.ts';
import { backup, openDatabase } from '../../../../rebuilder/store/index.ts';
import { fillLog, openTestLog, sampleEntry } from '../../../helpers/sample-log.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

describe('a backup of a data folder with a log', () => {
  it('has the log of one moment, however much is appended meanwhile', async () => {
    const folder = await temporaryFolder();
    const data = path.join(folder, 'data');
    const place = path.join(data, 'log');
    await fillLog(place, { first: 0, last: 250 });
    const log = await openTestLog(place);
    const database = await openDatabase(data);
    let isDone = false;
    const appended = (async () => {
      for (let number = 250; !isDone && number < 5000; number++) await log.append(sampleEntry(number));
    })();
    const copies = ['one', 'two', 'three'].map((name) => path.join(folder, name));
    for (const copy of copies) await backup({ data, database }, copy, '0.1.0');
    isDone = true;
    await appended;
    await database.close();
    const key = readVerifierKey(
      `${log.key.name}+${log.key.keyId}+${Buffer.from([1, ...log.key.publicKey]).toString('base64')}`,
    );
    for (const copy of copies) {
      const report = await verifyLog(folderSource(path.join(copy, 'log')), { key });
      expect(report.faults).toEqual([]);
      expect(report.size).toBeGreaterThanOrEqual(250);
      expect((await readdir(path.join(copy, 'log'))).toSorted()).toEqual(['checkpoint', 'log.vkey', 'tile']);
    }
  });
});
