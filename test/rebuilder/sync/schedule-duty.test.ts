import { expect, it } from 'vitest';
import { createDutyStore } from '../../../rebuilder/store/duties.ts';
import { packageWriter } from '../../../rebuilder/store/packages/import.ts';
import { startSyncSchedule } from '../../../rebuilder/sync/index.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { openData, profileOf } from './support.ts';

it('syncs on one of two servers alone, and on the other when that one stopped', async () => {
  const database = await openData(await temporaryFolder());
  const [duties, packages] = [createDutyStore(database), packageWriter(database)];
  const ran: string[] = [];
  const start = (holder: string, until: number) => {
    const stop = new AbortController();
    return startSyncSchedule({
      profiles: [{ profile: profileOf({ name: 'often' }), everySeconds: 0 }],
      packages,
      run: async ({ name }) => {
        ran.push(holder);
        if (ran.filter((one) => one === holder).length === until) stop.abort();
        return { kind: 'unchanged', profile: name, seconds: 0 };
      },
      mayRun: () => duties.take('sync', holder, 60),
      wait: () => new Promise((resolve) => setImmediate(resolve)),
      signal: stop.signal,
    }).stopped;
  };
  const first = start('a', 3).then(() => duties.release('sync', 'a'));
  await expect.poll(() => ran.length).toBeGreaterThan(0);
  const second = start('b', 1);
  await Promise.all([first, second]);
  expect(ran).toEqual(['a', 'a', 'a', 'b']);
});
