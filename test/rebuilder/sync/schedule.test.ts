import { describe, expect, it } from 'vitest';
import { packageWriter } from '../../../rebuilder/store/packages/import.ts';
import {
  type ScheduleEvent,
  type SyncOutcome,
  type SyncProfile,
  startSyncSchedule,
} from '../../../rebuilder/sync/index.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { openData, profileOf } from './support.ts';

const HOUR = 3600;

type Run = (profile: SyncProfile, count: number) => Promise<SyncOutcome>;

/** Runs a schedule of two profiles until so many syncs began; its clock goes on by what it waits. */
async function scheduled(begun: number, run: Run) {
  const packages = packageWriter(await openData(await temporaryFolder()));
  const stop = new AbortController();
  const events: ScheduleEvent[] = [];
  let ran = 0;
  let clock = Date.now();
  const schedule = startSyncSchedule({
    profiles: [
      { profile: profileOf({ name: 'often' }), everySeconds: 2 * HOUR },
      { profile: profileOf({ name: 'seldom' }), everySeconds: 24 * HOUR },
    ],
    packages,
    run: async (profile) => {
      ran += 1;
      if (ran === begun) stop.abort();
      await packages.noteSync(profile.name, { kind: 'started', distribution: 'debian' });
      return run(profile, ran);
    },
    report: (event) => events.push(event),
    now: () => new Date(clock),
    wait: async (milliseconds) => {
      clock += milliseconds;
    },
    signal: stop.signal,
  });
  await schedule.stopped;
  return { events, packages, names: events.filter(({ kind }) => kind === 'started').map(({ profile }) => profile) };
}

const unchanged: Run = async (profile) => ({ kind: 'unchanged', profile: profile.name, seconds: 0 });

describe('the schedule', () => {
  it('begins with what was never synced, then syncs each again after its own time', async () => {
    const { names } = await scheduled(6, unchanged);
    expect(names.slice(0, 2)).toEqual(['often', 'seldom']);
    expect(names.slice(2)).toEqual(Array(4).fill('often'));
  });

  it('runs one at a time', async () => {
    let running = 0;
    const { names } = await scheduled(4, async (profile, count) => {
      running += 1;
      expect(running).toBe(1);
      await new Promise(setImmediate);
      running -= 1;
      return unchanged(profile, count);
    });
    expect(names).toHaveLength(4);
  });

  it('keeps why a sync that could not say so itself failed, and goes on', async () => {
    const { events, packages, names } = await scheduled(3, async (profile, count) => {
      if (count === 1) throw new Error('killed');
      return unchanged(profile, count);
    });
    expect(names).toHaveLength(3);
    expect(events[1]).toMatchObject({ kind: 'failed', profile: 'often', error: new Error('killed') });
    expect((await packages.profiles()).find(({ name }) => name === 'often')).toMatchObject({ error: 'killed' });
  });

  it('waits for the sync that runs when it is stopped, and says nothing of its end', async () => {
    let ended = false;
    const { events } = await scheduled(1, async () => {
      await new Promise(setImmediate);
      ended = true;
      throw new Error('interrupted');
    });
    expect(ended).toBe(true);
    expect(events).toEqual([{ kind: 'started', profile: 'often' }]);
  });

  it('ends at once without profiles', async () => {
    const packages = packageWriter(await openData(await temporaryFolder()));
    const { stopped } = startSyncSchedule({
      profiles: [],
      packages,
      run: (profile) => unchanged(profile, 0),
      signal: new AbortController().signal,
    });
    await expect(stopped).resolves.toBeUndefined();
  });
});
