import { describe, expect, it } from 'vitest';
import type { Queries } from '../../rebuilder/store/database.ts';
import { resultWriter } from '../../rebuilder/store/results/writer.ts';
import { type JobsLab, LEASE, manual } from './jobs-lab.ts';
import { entryOf, noRetry } from './result-entries.ts';

/** Another connection that has written, and goes on until it is told to end. */
async function writing(
  lab: JobsLab,
  change: (db: Queries) => { readonly execute: () => Promise<unknown> },
): Promise<{ readonly end: () => Promise<void> }> {
  const [begun, told] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const other = await lab.reopen();
  const written = other.write('writing slowly', async (db) => {
    await change(db).execute();
    begun.resolve();
    await told.promise;
  });
  await begun.promise;
  return {
    end: () => {
      told.resolve();
      return written;
    },
  };
}

/** What becomes of a job that is somebody's. */
export function describeLeases(lab: JobsLab): void {
  describe('leases', () => {
    it('are kept by heartbeats, which note the stage', async () => {
      await lab.seedAndAsk('hello');
      const { job, lease } = await lab.claimed();
      for (let beat = 0; beat < 3; beat++) {
        lab.clock.pass(LEASE - 1);
        expect(await lab.jobs.heartbeat(job.id, lease, { leaseSeconds: LEASE, stage: 'build' })).toBe('kept');
      }
      expect(await lab.jobs.reap()).toBe(0);
      expect(await lab.jobs.job(job.id)).toMatchObject({ stage: 'build', heartbeatAt: lab.clock.now().toISOString() });
    });

    it('that ended cannot be kept, given back or reported for, even before anybody noticed', async () => {
      const id = await lab.seedAndAsk('hello');
      const { job, lease } = await lab.claimed();
      lab.clock.pass(LEASE);
      const stale = async () => {
        expect(await lab.jobs.heartbeat(job.id, lease, { leaseSeconds: LEASE })).toBe('lost');
        expect(await lab.jobs.giveBack(job.id, lease)).toBe(false);
        const recorded = await resultWriter(lab.database).record({ jobId: job.id, lease }, entryOf(), noRetry);
        expect(recorded).toEqual({ kind: 'lease lost' });
      };
      await stale();
      expect(await lab.jobs.reap()).toBe(1);
      await stale();
      const again = await lab.claimed();
      expect(again.job.id).toBe(job.id);
      expect(again.lease).toBeGreaterThan(lease);
      await stale();
      expect(await lab.jobs.heartbeat(job.id, again.lease, { leaseSeconds: LEASE })).toBe('kept');
      expect(again.input.id).toBe(id);
    });

    it('asked to be kept in time are kept, however long another writer is in the way', async () => {
      await lab.seedAndAsk('hello');
      const { job, lease } = await lab.claimed();
      lab.clock.pass(LEASE - 1);
      const other = await writing(lab, (db) => db.updateTable('job').set({ stage: 'x' }).where('id', '=', job.id));
      const beat = lab.jobs.heartbeat(job.id, lease, { leaseSeconds: LEASE, stage: 'build' });
      lab.clock.pass(60);
      await other.end();
      expect(await beat).toBe('kept');
      const expiresAt = new Date(lab.clock.now().getTime() + LEASE * 1000).toISOString();
      expect(await lab.jobs.job(job.id)).toMatchObject({ stage: 'build', expiresAt });
    });

    it('begin when the job is given, not when it was asked for', async () => {
      await lab.seedAndAsk('hello');
      const other = await writing(lab, (db) => db.updateTable('lease_counter').set({ last: 7 }));
      const claim = lab.claimed();
      lab.clock.pass(60);
      await other.end();
      const { job, lease, expiresAt } = await claim;
      expect(lease).toBe(8);
      expect(job.leasedAt).toBe(lab.clock.now().toISOString());
      expect(expiresAt).toBe(new Date(lab.clock.now().getTime() + LEASE * 1000).toISOString());
    });

    it('of another job do not count', async () => {
      await lab.seedAndAsk('one');
      await lab.seedAndAsk('two');
      const [one, two] = [await lab.claimed(), await lab.claimed()];
      expect(await lab.jobs.heartbeat(one.job.id, two.lease, { leaseSeconds: LEASE })).toBe('lost');
      expect(await lab.jobs.giveBack(one.job.id, two.lease)).toBe(false);
      expect(await lab.jobs.heartbeat(987654, one.lease, { leaseSeconds: LEASE })).toBe('lost');
    });

    it('given back put the job where it was, or off', async () => {
      await lab.seedAndAsk('first');
      await lab.seedAndAsk('second');
      const one = await lab.claimed();
      expect(await lab.jobs.giveBack(one.job.id, one.lease)).toBe(true);
      expect(await lab.jobs.giveBack(one.job.id, one.lease)).toBe(false);
      const again = await lab.claimed();
      expect(again.job.id).toBe(one.job.id);
      const later = new Date(lab.clock.now().getTime() + 3_600_000).toISOString();
      expect(await lab.jobs.giveBack(again.job.id, again.lease, later)).toBe(true);
      expect(await lab.names(2)).toEqual(['second', '-']);
      expect(await lab.jobs.job(one.job.id)).toMatchObject({ state: 'queued', notBefore: later });
    });

    it('that end by themselves again and again make the job wait behind others', async () => {
      await lab.seedAndAsk('deadly', manual);
      for (let time = 0; time < 5; time++) {
        expect(await lab.claim()).toBeDefined();
        lab.clock.pass(LEASE);
        expect(await lab.jobs.reap()).toBe(1);
      }
      expect(await lab.claim()).toBeUndefined();
      expect((await lab.jobs.jobs({}, {})).records[0]).toMatchObject({ priority: 2, state: 'queued' });
      await lab.jobs.ask({ name: 'deadly' }, manual);
      expect(await lab.claim()).toBeDefined();
    });
  });

  describe('cancelling', () => {
    it('removes what waits, and tells what runs', async () => {
      await lab.seedAndAsk('running');
      const { job, lease } = await lab.claimed();
      await lab.seedAndAsk('waiting');
      expect(await lab.jobs.cancel({ distribution: 'debian' })).toBe(2);
      expect((await lab.jobs.jobs({}, {})).records).toMatchObject([{ source: 'running', cancelRequested: true }]);
      expect(await lab.jobs.heartbeat(job.id, lease, { leaseSeconds: LEASE })).toBe('cancelled');
      expect(await lab.jobs.giveBack(job.id, lease)).toBe(true);
      expect((await lab.jobs.jobs({}, {})).total).toBe(0);
    });

    it('keeps a result that came all the same, and queues no retry', async () => {
      await lab.seedAndAsk('hello');
      const { job, lease } = await lab.claimed();
      await lab.jobs.cancel({ id: job.id });
      const writer = resultWriter(lab.database);
      const retry = { baseHours: 24, limits: {} };
      const entry = entryOf({ status: 'BAD', verdict: 'unreproducible' });
      const recorded = await writer.record({ jobId: job.id, lease }, entry, retry);
      expect(recorded).toMatchObject({ kind: 'recorded' });
      expect(await writer.resultOfJob(job.id)).toMatchObject({ status: 'BAD', source: 'hello' });
      expect((await lab.jobs.jobs({}, {})).total).toBe(0);
    });

    it('lets the job of a worker that died leave with its lease', async () => {
      await lab.seedAndAsk('hello');
      const { job } = await lab.claimed();
      await lab.jobs.cancel({ id: job.id });
      lab.clock.pass(LEASE);
      expect(await lab.jobs.reap()).toBe(1);
      expect(await lab.jobs.job(job.id)).toBeUndefined();
    });

    it('is taken back when the job is asked for again', async () => {
      await lab.seedAndAsk('hello');
      const { job, lease } = await lab.claimed();
      await lab.jobs.cancel({ id: job.id });
      await lab.jobs.ask({ name: 'hello' }, manual);
      expect(await lab.jobs.heartbeat(job.id, lease, { leaseSeconds: LEASE })).toBe('kept');
      expect(await lab.jobs.giveBack(job.id, lease)).toBe(true);
      expect(await lab.jobs.job(job.id)).toMatchObject({ state: 'queued', kind: 'manual', cancelRequested: false });
    });
  });
}
