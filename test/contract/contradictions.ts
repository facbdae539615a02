import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../rebuilder/store/database.ts';
import { createJobStore } from '../../rebuilder/store/jobs/index.ts';
import type { JobStore } from '../../rebuilder/store/jobs/types.ts';
import type { ResultEntry, RetryPolicy } from '../../rebuilder/store/results/types.ts';
import { resultWriter } from '../../rebuilder/store/results/writer.ts';
import { seedInput } from '../helpers/seed-inputs.ts';
import { artifactOf, entryOf, noRetry } from './result-entries.ts';
import type { Clock, MadeDatabase } from './service-database.ts';

const LEASE = 540;
const endless: RetryPolicy = { baseHours: 24, limits: {} };
const bad = entryOf({ status: 'BAD', verdict: 'unreproducible', reason: 'different' });

/** What every store does with results that contradict each other, whatever database is under it. */
export function describeContradictions(name: string, make: () => Promise<MadeDatabase>): void {
  describe(`${name}: results that contradict each other`, () => {
    let database: Database;
    let clock: Clock;
    let jobs: JobStore;
    let writer: ReturnType<typeof resultWriter>;
    beforeEach(async () => {
      ({ database, clock } = await make());
      jobs = createJobStore(database);
      writer = resultWriter(database);
    });

    /** Builds an input to a result, and gives what the store has of it afterwards. */
    const build = async (buildInputId: number, entry: ResultEntry, retry: RetryPolicy = noRetry) => {
      clock.pass(60);
      await jobs.ask({ buildInputId }, { kind: 'manual' });
      const leased = await jobs.claim({ id: 9, capabilities: { architectures: ['*'] } }, LEASE);
      if (leased?.input.id !== buildInputId) throw new Error('another job was claimed');
      const held = { jobId: leased.job.id, lease: leased.lease };
      const recorded = await writer.record(held, { ...entry, builtAt: database.now() }, retry);
      expect(recorded.kind).toBe('recorded');
      return writer.resultOfJob(held.jobId);
    };
    const input = (id: number) =>
      database.read('reading', (db) =>
        db.selectFrom('build_input').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
      );
    const waiting = async () => (await jobs.jobs({}, {})).records;

    it('leaves a good result that was seen here when a foreign worker contradicts it, and tells of it', async () => {
      const id = await seedInput(database);
      const seen = await build(id, entryOf({ artifacts: [artifactOf('hello')] }));
      for (const origin of ['rebuilderd', 'imported'] as const) {
        const contradiction = await build(id, { ...bad, origin }, endless);
        expect(contradiction).toMatchObject({ status: 'BAD', change: 'regression' });
        expect(await input(id)).toMatchObject({ status: 'GOOD', result_id: seen?.id });
        expect(await waiting()).toMatchObject([{ kind: 'retry', buildInputId: id }]);
      }
      const own = await build(id, bad);
      expect(await input(id)).toMatchObject({ status: 'BAD', result_id: own?.id });
    });

    it('takes the latest of foreign workers where nothing was seen here', async () => {
      const id = await seedInput(database);
      const artifacts = [artifactOf('hello', { checkedHere: false, verdict: 'unknown' })];
      await build(id, entryOf({ origin: 'rebuilderd', artifacts }));
      const later = await build(id, { ...bad, origin: 'rebuilderd' });
      expect(await input(id)).toMatchObject({ status: 'BAD', result_id: later?.id });
    });
  });
}
