import { describe, expect, it } from 'vitest';
import { createJobStore } from '../../rebuilder/store/jobs/index.ts';
import { seedInput } from '../helpers/seed-inputs.ts';
import { any, fresh, type JobsLab, LEASE, manual } from './jobs-lab.ts';

/** Which job a claim gives, and to whom. */
export function describeClaims(lab: JobsLab): void {
  describe('claiming', () => {
    it('gives the input with its files, each once', async () => {
      const id = await seedInput(lab.database, { alsoIn: ['forky'], binaries: ['hello', 'hello-data'] });
      await lab.jobs.ask({ buildInputId: id }, fresh);
      const leased = await lab.claimed();
      expect(leased.input).toMatchObject({ id, source: 'hello', version: '2.10-3', release: 'trixie' });
      expect(leased.input.files.map(({ fileName }) => fileName)).toEqual([
        'hello-data_2.10-3_amd64.deb',
        'hello_2.10-3_amd64.deb',
      ]);
      expect(leased.expiresAt).toBe(new Date(lab.clock.now().getTime() + LEASE * 1000).toISOString());
      expect(leased.job).toMatchObject({ state: 'leased', workerId: 1, cancelRequested: false });
    });

    it('goes by priority, then by what waits longest', async () => {
      await lab.seedAndAsk('again', { kind: 'retry' });
      await lab.seedAndAsk('first');
      await lab.seedAndAsk('second');
      await lab.seedAndAsk('byhand', manual);
      await lab.seedAndAsk('soonest', { kind: 'manual', priority: -5 });
      expect(await lab.names(6)).toEqual(['soonest', 'byhand', 'first', 'second', 'again', '-']);
    });

    it('takes releases in turn, whatever one of them has queued', async () => {
      for (const number of [1, 2, 3]) {
        await seedInput(lab.database, { source: `sid${number}`, release: 'sid' });
      }
      await lab.jobs.ask({ release: 'sid' }, fresh);
      lab.clock.pass(10);
      for (const number of [1, 2]) await seedInput(lab.database, { source: `trixie${number}` });
      await lab.jobs.ask({ release: 'trixie' }, fresh);
      expect(await lab.names(5)).toEqual(['sid1', 'trixie1', 'sid2', 'trixie2', 'sid3']);
    });

    it('counts the architectures of a release as one', async () => {
      await seedInput(lab.database, { source: 'one', release: 'sid' });
      await seedInput(lab.database, { source: 'two', release: 'sid', architecture: 'all' });
      await seedInput(lab.database, { source: 'three' });
      await lab.jobs.ask({}, fresh);
      expect(await lab.names(3)).toEqual(['one', 'three', 'two']);
    });

    it.each([
      ['amd64', ['x86_64'], true],
      ['amd64', ['amd64', 'all'], true],
      ['i386', ['x86'], true],
      ['arm64', ['aarch64'], true],
      ['ppc64', ['powerpc64'], true],
      ['ppc64el', ['powerpc64'], false],
      ['all', ['amd64'], false],
      ['all', ['all'], true],
      ['riscv64', ['*'], true],
      ['amd64', [], false],
    ])('gives a job for %s to a worker for %j: %s', async (architecture, architectures, given) => {
      await seedInput(lab.database, { architecture });
      await lab.jobs.ask({}, fresh);
      expect((await lab.claim({ architectures })) !== undefined).toBe(given);
    });

    it('gives only distributions the worker knows', async () => {
      await seedInput(lab.database, { distribution: 'arch' });
      await lab.jobs.ask({}, fresh);
      expect(await lab.claim({ ...any, distributions: ['debian'] })).toBeUndefined();
      expect(await lab.claim({ ...any, distributions: [] })).toBeUndefined();
      expect(await lab.claim({ ...any, distributions: ['debian', 'arch'] })).toBeDefined();
    });

    it('keeps from a small worker what earlier builds of the source needed more for', async () => {
      await seedInput(lab.database, { source: 'big', version: '1', memoryBytes: 8e9, diskBytes: 3e9, seen: false });
      await seedInput(lab.database, { source: 'big', version: '2' });
      await seedInput(lab.database, { source: 'shrunk', version: '1', memoryBytes: 8e9, seen: false });
      await seedInput(lab.database, { source: 'shrunk', version: '2', memoryBytes: 1e9 });
      await lab.jobs.ask({}, fresh);
      expect(await lab.names(2, { ...any, memoryBytes: 4e9 })).toEqual(['shrunk', '-']);
      expect(await lab.names(1, { ...any, diskBytes: 2e9 })).toEqual(['-']);
      expect(await lab.names(1, { ...any, memoryBytes: 8e9, diskBytes: 3e9 })).toEqual(['big']);
    });

    it('gives nothing before its time', async () => {
      await lab.seedAndAsk('hello', {
        kind: 'new',
        notBefore: new Date(lab.clock.now().getTime() + 60_000).toISOString(),
      });
      expect(await lab.claim()).toBeUndefined();
      expect(await lab.jobs.counts({})).toEqual({ running: 0, available: 0, pending: 1 });
      lab.clock.pass(60);
      expect(await lab.claim()).toBeDefined();
    });

    it('gives nothing while paused or draining, and knows so after a restart', async () => {
      await lab.seedAndAsk('hello');
      for (const word of ['paused', 'draining'] as const) {
        await lab.jobs.setState({ [word]: true });
        expect(await lab.claim()).toBeUndefined();
        expect((await createJobStore(await lab.reopen()).state())[word]).toBe(true);
        await lab.jobs.setState({ [word]: false });
      }
      expect(await lab.jobs.state()).toEqual({ paused: false, draining: false });
      expect(await lab.claim()).toBeDefined();
    });

    it('gives each job to one of many claimers on many connections', async () => {
      for (let number = 0; number < 30; number++) await seedInput(lab.database, { source: `s${number}` });
      await lab.jobs.ask({}, fresh);
      const stores = await Promise.all(Array.from({ length: 4 }, async () => createJobStore(await lab.reopen())));
      const taken = await Promise.all(
        stores.flatMap((store, id) => Array.from({ length: 9 }, () => store.claim({ id, capabilities: any }, LEASE))),
      );
      const leased = taken.filter((job) => job !== undefined);
      expect(leased).toHaveLength(30);
      expect(new Set(leased.map(({ job }) => job.id)).size).toBe(30);
      expect(new Set(leased.map(({ lease }) => lease)).size).toBe(30);
    });
  });
}
