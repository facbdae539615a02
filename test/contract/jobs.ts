import { beforeEach, describe, expect, it } from 'vitest';
import type { JobStore } from '../../rebuilder/store/jobs/types.ts';
import { resultWriter } from '../../rebuilder/store/results/writer.ts';
import { seedInput } from '../helpers/seed-inputs.ts';
import { describeClaims } from './job-claims.ts';
import { describeLeases } from './job-leases.ts';
import { any, fresh, type JobsLab, jobsLab, manual } from './jobs-lab.ts';
import { entryOf } from './result-entries.ts';
import type { MadeDatabase } from './service-database.ts';

/** What every queue does, whatever database is under it. */
export function describeJobs(name: string, make: () => Promise<MadeDatabase>): void {
  describe(`${name}: the queue`, () => {
    const lab = jobsLab(make);
    describeAsking(lab);
    describeClaims(lab);
    describeLeases(lab);
    describeLists(lab);
  });
}

function describeAsking(lab: JobsLab): void {
  describe('asking', () => {
    it('makes one job of a package that is asked for a hundred times', async () => {
      await seedInput(lab.database);
      const touched = await Promise.all(Array.from({ length: 100 }, () => lab.jobs.ask({ name: 'hello' }, manual)));
      expect(touched).toEqual(Array.from({ length: 100 }, () => 1));
      expect((await lab.jobs.jobs({}, {})).total).toBe(1);
    });

    it('gives a job that is there the sooner priority, its kind and no waiting time, and never a later one', async () => {
      await lab.seedAndAsk('hello', { kind: 'retry', notBefore: '2026-07-01T00:00:00.000Z' });
      expect(await lab.claim()).toBeUndefined();
      await lab.jobs.ask({ name: 'hello' }, { kind: 'manual', requestedBy: 'token:ann' });
      await lab.jobs.ask({ name: 'hello' }, { kind: 'new', notBefore: '2026-07-01T00:00:00.000Z' });
      const { job } = await lab.claimed();
      expect(job).toMatchObject({ kind: 'manual', priority: 0, requestedBy: 'token:ann', source: 'hello' });
      expect(job).not.toHaveProperty('notBefore');
    });

    it('finds by a source, by a binary, and without a version only what is listed now', async () => {
      await seedInput(lab.database, { version: '2.9', seen: false });
      await seedInput(lab.database, { version: '2.10', binaries: ['hello', 'hello-data'] });
      expect(await lab.jobs.ask({ name: 'hello' }, manual)).toBe(1);
      expect(await lab.jobs.ask({ name: 'hello-data' }, manual)).toBe(1);
      expect(await lab.jobs.ask({ name: 'hello', version: '2.9' }, manual)).toBe(1);
      expect(await lab.jobs.ask({ name: 'nothing' }, manual)).toBe(0);
      expect((await lab.jobs.jobs({}, {})).records.map(({ version }) => version)).toEqual(['2.10', '2.9']);
    });

    it('finds by any suite that lists it, component and architecture', async () => {
      await seedInput(lab.database, { source: 'a', release: 'sid', alsoIn: ['forky'] });
      await seedInput(lab.database, { source: 'b', component: 'contrib' });
      await seedInput(lab.database, { source: 'c', architecture: 'all' });
      expect(await lab.jobs.ask({ release: 'forky' }, fresh)).toBe(1);
      expect(await lab.jobs.ask({ release: 'trixie', component: 'contrib' }, fresh)).toBe(1);
      expect(await lab.jobs.ask({ release: 'forky', component: 'contrib' }, fresh)).toBe(0);
      expect(await lab.jobs.ask({ architecture: 'all' }, fresh)).toBe(1);
      expect(await lab.jobs.ask({ distribution: 'arch' }, fresh)).toBe(0);
    });

    it('filters by the status that counts, not by one of the past', async () => {
      const id = await lab.seedAndAsk('hello');
      const writer = resultWriter(lab.database);
      for (const [status, verdict] of [
        ['BAD', 'unreproducible'],
        ['GOOD', 'reproducible'],
      ] as const)
        await writer.importResult(id, entryOf({ status, verdict, builtAt: lab.clock.now().toISOString() }));
      expect(await lab.jobs.ask({ status: 'BAD' }, manual)).toBe(0);
      expect(await lab.jobs.ask({ status: 'none' }, manual)).toBe(0);
      expect(await lab.jobs.ask({ status: 'GOOD' }, manual)).toBe(1);
    });

    it('takes the oldest verdicts again, so many at a time, and leaves jobs that are there as they are', async () => {
      for (const day of ['03', '01', '02'])
        await seedInput(lab.database, { source: `s${day}`, status: 'GOOD', decidedAt: `2026-01-${day}T00:00:00.000Z` });
      await lab.jobs.ask({ name: 's01' }, fresh);
      const again = { kind: 'reverify' } as const;
      expect(await lab.jobs.ask({ decidedBefore: '2026-01-03T00:00:00.000Z', limit: 1 }, again)).toBe(1);
      expect(await lab.jobs.ask({ decidedBefore: '2026-01-03T00:00:00.000Z', limit: 5 }, again)).toBe(0);
      const { records } = await lab.jobs.jobs({}, {});
      expect(records.map(({ source, kind }) => [source, kind])).toEqual([
        ['s01', 'new'],
        ['s02', 'reverify'],
      ]);
    });
  });
}

function describeLists(lab: JobsLab): void {
  describe('lists', () => {
    beforeEach(async () => {
      for (const [source, priority, release] of [
        ['a', 3, 'sid'],
        ['b', 1, 'trixie'],
        ['c', 1, 'sid'],
        ['d', 2, 'trixie'],
      ] as const) {
        await seedInput(lab.database, { source, release, binaries: [`${source}-bin`] });
        await lab.jobs.ask({ name: source }, { kind: 'new', priority });
      }
    });
    const listed = async (...asked: Parameters<JobStore['jobs']>) => {
      const { total, records } = await lab.jobs.jobs(...asked);
      return `${total}: ${records.map(({ source }) => source).join('')}`;
    };
    const idOf = async (source: string) => (await lab.jobs.jobs({ name: source }, {})).records[0]?.id as number;

    it('are filtered by what the job shows', async () => {
      expect(await listed({}, {})).toBe('4: abcd');
      expect(await listed({ release: 'sid' }, {})).toBe('2: ac');
      expect(await listed({ name: 'b' }, {})).toBe('1: b');
      expect(await listed({ name: 'b-bin', version: '2.10-3' }, {})).toBe('1: b');
      expect(await listed({ version: '1' }, {})).toBe('0: ');
      expect(await listed({ component: 'main', kind: 'new', architecture: 'amd64' }, {})).toBe('4: abcd');
      expect(await listed({ release: null }, {})).toBe('0: ');
      await lab.claim(any, 7);
      expect(await listed({ state: 'leased', workerId: 7 }, {})).toBe('1: b');
    });

    it('go on after, or stop before, a row in the order that is asked for', async () => {
      const [a, b, c] = [await idOf('a'), await idOf('b'), await idOf('c')];
      expect(await listed({}, { after: b, limit: 1 })).toBe('4: c');
      expect(await listed({}, { before: c })).toBe('4: ab');
      expect(await listed({}, { direction: 'descending', after: c })).toBe('4: ba');
      expect(await listed({}, { sort: 'priority' })).toBe('4: bcda');
      expect(await listed({}, { sort: 'priority', after: b, limit: 2 })).toBe('4: cd');
      expect(await listed({}, { sort: 'priority', direction: 'descending', after: a })).toBe('4: dcb');
      expect(await listed({}, { sort: 'queued_at', direction: 'descending', limit: 2 })).toBe('4: dc');
      expect(await listed({}, { after: 987654 })).toBe('4: ');
    });

    it('are counted', async () => {
      await lab.claim();
      await lab.jobs.ask({ name: 'a' }, { kind: 'new' });
      await lab.jobs.ask({ name: 'd' }, { kind: 'retry', notBefore: '2026-12-01T00:00:00.000Z' });
      expect(await lab.jobs.counts({})).toEqual({ running: 1, available: 3, pending: 0 });
      expect(await lab.jobs.counts({ release: 'trixie' })).toEqual({ running: 1, available: 1, pending: 0 });
      expect(await lab.jobs.counts({ distribution: 'arch' })).toEqual({ running: 0, available: 0, pending: 0 });
    });

    it('take another priority for all that match', async () => {
      expect(await lab.jobs.setPriority({ release: 'sid' }, -1)).toBe(2);
      expect(await listed({}, { sort: 'priority' })).toBe('4: acbd');
    });
  });
}
