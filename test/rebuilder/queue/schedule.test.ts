import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createWakeUps, startSchedule, wakingJobs } from '../../../rebuilder/queue/index.ts';
import { queueOldVerdicts } from '../../../rebuilder/queue/schedule.ts';
import { createJobStore } from '../../../rebuilder/store/jobs/index.ts';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { standingClock } from '../../contract/service-database.ts';
import { seedInput } from '../../helpers/seed-inputs.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const any = { id: 1, capabilities: { architectures: ['*'] } };

async function openLab() {
  const clock = standingClock();
  const database = await openSqlite(path.join(await temporaryFolder(), 'q.sqlite3'), { now: clock.now });
  onTestFinished(() => database.close());
  return { clock, database, jobs: createJobStore(database) };
}

describe('the schedule', () => {
  it('brings back the jobs of workers that died, and wakes those that wait', async () => {
    const { clock, database, jobs } = await openLab();
    await seedInput(database);
    await jobs.ask({}, { kind: 'new' });
    await jobs.claim(any, 60);
    clock.pass(60);
    const wakeUps = createWakeUps();
    const woken = new Promise<void>((resolve) => wakeUps.onWake(resolve));
    const schedule = startSchedule({
      jobs: wakingJobs(jobs, wakeUps),
      reapSeconds: 0.01,
      reverifySeconds: 3600,
      now: clock.now,
      onError: (error) => expect(error).toBeUndefined(),
    });
    await woken;
    await schedule.stop();
    expect(await jobs.claim(any, 60)).toBeDefined();
  });

  it('goes on after an error', async () => {
    const { clock, jobs } = await openLab();
    const errors: unknown[] = [];
    let calls = 0;
    const schedule = startSchedule({
      jobs: {
        ...jobs,
        reap: () => (++calls === 1 ? Promise.reject(new Error('the store is busy')) : jobs.reap()),
      },
      reapSeconds: 0.001,
      reverifySeconds: 3600,
      now: clock.now,
      onError: (error) => errors.push(error),
    });
    await vi.waitFor(() => expect(calls).toBeGreaterThan(2));
    await schedule.stop();
    expect(errors).toEqual([new Error('the store is busy')]);
  });

  it('queues the oldest verdicts at the rate of a day, and no more while they wait', async () => {
    const { clock, database, jobs } = await openLab();
    for (let day = 1; day <= 9; day++)
      await seedInput(database, { source: `s${day}`, status: 'GOOD', decidedAt: `2026-01-0${day}T00:00:00.000Z` });
    await seedInput(database, { source: 'young', status: 'GOOD', decidedAt: '2026-05-31T00:00:00.000Z' });
    const step = () => queueOldVerdicts({ afterDays: 90, perDay: 48 }, { jobs, now: clock.now, reverifySeconds: 3600 });
    expect(await step()).toBe(2);
    expect(await step()).toBe(0);
    expect((await jobs.jobs({}, {})).records).toMatchObject([
      { source: 's1', kind: 'reverify', priority: 3, requestedBy: 'schedule' },
      { source: 's2' },
    ]);
    await jobs.claim(any, 60);
    expect(await step()).toBe(1);
    expect((await jobs.jobs({}, {})).records.map(({ source }) => source)).toEqual(['s1', 's2', 's3']);
  });

  it('leaves verdicts alone that are young, or where the rate is nothing', async () => {
    const { clock, database, jobs } = await openLab();
    await seedInput(database, { status: 'GOOD', decidedAt: '2026-05-31T00:00:00.000Z' });
    for (const rate of [
      { afterDays: 90, perDay: 48 },
      { afterDays: 0, perDay: 0 },
    ])
      expect(await queueOldVerdicts(rate, { jobs, now: clock.now, reverifySeconds: 3600 })).toBe(0);
  });
});

describe('wake-ups', () => {
  it('come with what may give work, and stop when nobody listens', async () => {
    const { database, jobs } = await openLab();
    await seedInput(database);
    const wakeUps = createWakeUps();
    let woken = 0;
    const stop = wakeUps.onWake(() => {
      woken += 1;
    });
    const waking = wakingJobs(jobs, wakeUps);
    await waking.ask({}, { kind: 'new' });
    const leased = await waking.claim(any, 60);
    await waking.giveBack(leased?.job.id ?? 0, leased?.lease ?? 0);
    await waking.setState({ paused: false });
    await waking.reap();
    expect(woken).toBe(3);
    stop();
    wakeUps.wake();
    expect(woken).toBe(3);
  });
});
