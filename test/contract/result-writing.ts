import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../rebuilder/store/database.ts';
import { createJobStore } from '../../rebuilder/store/jobs/index.ts';
import type { JobStore } from '../../rebuilder/store/jobs/types.ts';
import { resultReader } from '../../rebuilder/store/results/index.ts';
import type { ResultEntry, RetryPolicy } from '../../rebuilder/store/results/types.ts';
import { resultWriter } from '../../rebuilder/store/results/writer.ts';
import { type SeededInput, seedInput } from '../helpers/seed-inputs.ts';
import { artifactOf, entryOf, noRetry } from './result-entries.ts';
import type { Clock, MadeDatabase } from './service-database.ts';

const LEASE = 540;
const endless: RetryPolicy = { baseHours: 24, limits: {} };
const good = entryOf();
const bad = entryOf({ status: 'BAD', verdict: 'unreproducible', reason: 'different' });
const broken = entryOf({ status: 'BAD', verdict: 'failed-to-build' });
const ours = entryOf({ status: 'FAIL', verdict: 'inconclusive', reason: 'infrastructure', decides: false });
const drift = entryOf({ status: 'UNKWN', verdict: 'inconclusive', reason: 'environment drift' });

/** What every store does with results, whatever database is under it. */
export function describeResultWriting(name: string, make: () => Promise<MadeDatabase>): void {
  describe(`${name}: writing results`, () => {
    let database: Database;
    let clock: Clock;
    let jobs: JobStore;
    let writer: ReturnType<typeof resultWriter>;
    beforeEach(async () => {
      ({ database, clock } = await make());
      jobs = createJobStore(database);
      writer = resultWriter(database);
    });

    const lease = async (buildInputId: number) => {
      await jobs.ask({ buildInputId }, { kind: 'manual' });
      const leased = await jobs.claim({ id: 9, capabilities: { architectures: ['*'] } }, LEASE);
      if (leased?.input.id !== buildInputId) throw new Error('another job was claimed');
      return { jobId: leased.job.id, lease: leased.lease };
    };
    /** Builds an input to a result, and gives what the store has of it afterwards. */
    const build = async (buildInputId: number, entry: ResultEntry, retry: RetryPolicy = noRetry) => {
      clock.pass(60);
      const held = await lease(buildInputId);
      const recorded = await writer.record(held, { ...entry, builtAt: database.now() }, retry);
      expect(recorded.kind).toBe('recorded');
      return writer.resultOfJob(held.jobId);
    };
    const input = (id: number) =>
      database.read('reading', (db) =>
        db.selectFrom('build_input').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
      );
    const packages = (id: number) =>
      database.read('reading', (db) =>
        db
          .selectFrom('binary_package')
          .select(['name', 'status', 'result_id', 'artifact_id'])
          .where('build_input_id', '=', id)
          .orderBy('id')
          .execute(),
      );
    const waiting = async () => (await jobs.jobs({}, {})).records;

    it('keeps all of an entry', async () => {
      const id = await seedInput(database);
      const held = await lease(id);
      const entry: ResultEntry = {
        ...bad,
        rebuildId: '0123456789ab',
        detail: '1 of 1 file differs',
        exitStatus: 0,
        wallSeconds: 12.5,
        memoryBytes: 5_000_000_000,
        diskBytes: 6_000_000_000,
        log: { sha256: 'a'.repeat(64), bytes: 70_000, truncated: true },
        record: 'b'.repeat(64),
        testimony: '7'.repeat(64),
        artifacts: [
          artifactOf('hello', {
            verdict: 'differs',
            status: 'BAD',
            rebuilt: { sha256: 'c'.repeat(64), size: 7_000_000_000 },
            difference: 'd'.repeat(64),
            report: 'e'.repeat(64),
            attestation: 'f'.repeat(64),
          }),
        ],
      };
      const recorded = await writer.record(held, entry, noRetry);
      const { artifacts, testimony, ...rest } = entry;
      const result = await writer.resultOfJob(held.jobId);
      expect(result).toEqual({
        ...rest,
        id: recorded.kind === 'lease lost' ? undefined : recorded.id,
        buildInputId: id,
        workerId: 9,
        change: 'first',
        retries: 0,
        source: 'hello',
        version: '2.10-3',
        distribution: 'debian',
        release: 'trixie',
        architecture: 'amd64',
      });
      expect(await resultReader(database).testimony(result?.id ?? 0)).toBe(testimony);
      const change = database.write('changing what a worker said', (db) =>
        db
          .updateTable('result_testimony')
          .set({ sha256: '0'.repeat(64) })
          .execute(),
      );
      await expect(change).rejects.toThrow(/append-only/);
      const rows = await database.read('reading', (db) => db.selectFrom('result_artifact').selectAll().execute());
      expect(rows).toMatchObject([
        {
          result_id: result?.id,
          file_name: artifacts[0]?.fileName,
          verdict: 'differs',
          published_bytes: 1000,
          rebuilt_bytes: 7_000_000_000,
          difference_sha256: 'd'.repeat(64),
          report_sha256: 'e'.repeat(64),
          attestation_sha256: 'f'.repeat(64),
          checked_here: 1,
        },
      ]);
      expect(await input(id)).toMatchObject({ wall_seconds: 12.5, memory_bytes: 5e9, disk_bytes: 6e9 });
    });

    it('takes a result once, however often the worker reports it', async () => {
      const held = await lease(await seedInput(database));
      const reports = await Promise.all(Array.from({ length: 5 }, () => writer.record(held, bad, endless)));
      const [first] = reports.filter(({ kind }) => kind === 'recorded');
      expect(first).toMatchObject({ id: expect.any(Number) });
      expect(reports.filter(({ kind }) => kind === 'already')).toEqual(
        Array.from({ length: 4 }, () => ({ ...first, kind: 'already' })),
      );
      expect(await writer.record(held, good, endless)).toEqual({ ...first, kind: 'already' });
      expect(await input(1)).toMatchObject({ status: 'BAD', differing: 1 });
      expect(await waiting()).toHaveLength(1);
    });

    it('changes nothing for a lease that is not the job’s', async () => {
      const held = await lease(await seedInput(database));
      for (const wrong of [
        { ...held, lease: held.lease + 1 },
        { ...held, jobId: held.jobId + 1 },
      ])
        expect(await writer.record(wrong, good, endless)).toEqual({ kind: 'lease lost' });
      expect(await input(1)).toMatchObject({ status: null, result_id: null });
      expect(await waiting()).toMatchObject([{ state: 'leased' }]);
    });

    it('shows each listed file its artifact, in every release that lists it', async () => {
      const id = await seedInput(database, { alsoIn: ['forky'], binaries: ['hello', 'hello-data', 'hello-doc'] });
      const result = await build(id, {
        ...bad,
        artifacts: [
          artifactOf('hello'),
          // Named by its file alone.
          artifactOf('x', { fileName: 'hello-data_2.10-3_amd64.deb', verdict: 'missing', status: 'BAD' }),
          artifactOf('hello-doc', { verdict: 'extra', status: 'UNKWN' }),
        ],
      });
      const rows = await packages(id);
      expect(rows.map((row) => [row.name, row.status])).toEqual([
        ...Array.from({ length: 2 }, () => [
          ['hello', 'GOOD'],
          ['hello-data', 'BAD'],
          ['hello-doc', null],
        ]).flat(),
      ]);
      expect(new Set(rows.map((row) => row.result_id))).toEqual(new Set([result?.id]));
      expect(rows.map((row) => row.artifact_id === null)).toEqual([false, false, true, false, false, true]);
    });

    it('never lets what decides nothing hide what decided', async () => {
      const id = await seedInput(database);
      const first = await build(id, { ...good, artifacts: [artifactOf('hello')] });
      const decided = await input(id);
      await build(id, ours);
      await build(id, { ...drift, artifacts: [artifactOf('hello', { verdict: 'differs', status: 'UNKWN' })] });
      expect(await input(id)).toMatchObject({
        status: 'GOOD',
        verdict: 'reproducible',
        result_id: first?.id,
        decided_at: decided.decided_at,
      });
      expect(await packages(id)).toMatchObject([{ status: 'GOOD', result_id: first?.id }]);
    });

    it('shows what decides nothing while nothing has been decided', async () => {
      const id = await seedInput(database);
      const failed = await build(id, ours);
      expect(await input(id)).toMatchObject({ status: 'FAIL', result_id: failed?.id, decided_at: null });
      expect(await packages(id)).toMatchObject([{ status: 'FAIL', artifact_id: null, result_id: failed?.id }]);
      const drifted = await build(id, drift);
      expect(await input(id)).toMatchObject({ status: 'UNKWN', result_id: drifted?.id });
      const built = await build(id, bad);
      expect(await input(id)).toMatchObject({ status: 'BAD', reason: 'different', result_id: built?.id });
    });

    it('tells what changed against the deciding result before', async () => {
      const id = await seedInput(database);
      const changes: unknown[] = [];
      for (const entry of [ours, good, good, ours, bad, broken, drift, good])
        changes.push((await build(id, entry))?.change);
      expect(changes).toEqual([undefined, 'first', 'same', undefined, 'regression', 'same', 'same', 'fixed']);
    });

    it('tells what changed against the version before, of the same release and architecture', async () => {
      const version = (changes: SeededInput) => seedInput(database, changes);
      await build(await version({ version: '1' }), good);
      await build(await version({ version: '2', release: 'sid' }), bad);
      await build(await version({ version: '3', architecture: 'all' }), bad);
      await build(await version({ version: '4' }), drift);
      expect((await build(await version({ version: '5' }), bad))?.change).toBe('regression');
      expect((await build(await version({ version: '6', release: 'sid' }), good))?.change).toBe('fixed');
    });

    it('tries again after a time that doubles, counting each kind by itself', async () => {
      const id = await seedInput(database);
      const hours: (number | undefined)[] = [];
      for (const entry of [ours, ours, bad, ours, bad, broken, ours, broken]) {
        await build(id, entry, endless);
        const [retry] = await waiting();
        expect(retry).toMatchObject({ kind: 'retry', priority: 2, state: 'queued' });
        hours.push((Date.parse(retry?.notBefore ?? '') - clock.now().getTime()) / 3_600_000);
      }
      expect(hours).toEqual([24, 48, 24, 24, 48, 24, 24, 48]);
      expect(await input(id)).toMatchObject({ build_failures: 2, our_failures: 0, differing: 0 });
      expect((await build(id, good, endless))?.retries).toBe(2);
      expect(await waiting()).toEqual([]);
      expect(await input(id)).toMatchObject({ build_failures: 0, our_failures: 0, differing: 0 });
    });

    it('stops trying at the limit of the kind', async () => {
      const id = await seedInput(database);
      const policy = { baseHours: 24, limits: { differing: 1, ourFailures: 0 } };
      const queued: number[] = [];
      for (const entry of [bad, bad, ours, broken, broken]) {
        await build(id, entry, policy);
        queued.push((await waiting()).length);
      }
      expect(queued).toEqual([1, 0, 0, 1, 1]);
    });

    it('does not try again where the environment has drifted', async () => {
      await build(await seedInput(database), drift, endless);
      expect(await waiting()).toEqual([]);
    });

    it('waits a number of hours that stays a date, however often it failed', async () => {
      const id = await seedInput(database);
      await database.write('ageing', (db) =>
        db.updateTable('build_input').set({ our_failures: 5000 }).where('id', '=', id).execute(),
      );
      await build(id, ours, endless);
      expect((await waiting())[0]?.notBefore).toMatch(/^20\d\d-/);
    });

    it('remembers what the hungriest build needed', async () => {
      const id = await seedInput(database);
      await build(id, { ...good, wallSeconds: 10, memoryBytes: 100 });
      await build(id, { ...good, wallSeconds: 5, memoryBytes: 300, diskBytes: 7 });
      expect(await input(id)).toMatchObject({ wall_seconds: 10, memory_bytes: 300, disk_bytes: 7 });
    });

    it('imports history, which neither queues nor hides what came after it', async () => {
      const id = await seedInput(database);
      const old = { ...bad, origin: 'imported', builtAt: '2025-01-01T00:00:00.000Z' } as const;
      const first = await writer.importResult(id, { ...old, artifacts: [artifactOf('hello', { status: 'BAD' })] });
      expect(await input(id)).toMatchObject({ status: 'BAD', result_id: first, differing: 0 });
      expect(await packages(id)).toMatchObject([{ status: 'BAD', result_id: first }]);
      await build(id, { ...good, artifacts: [artifactOf('hello')] });
      const second = await writer.importResult(id, { ...old, builtAt: '2025-02-01T00:00:00.000Z' });
      expect(second).toBeGreaterThan(first);
      expect(await input(id)).toMatchObject({ status: 'GOOD' });
      expect(await packages(id)).toMatchObject([{ status: 'GOOD' }]);
      expect(await waiting()).toEqual([]);
      await expect(writer.importResult(987654, old)).rejects.toMatchObject({ code: 'RESOURCE_UNKNOWN' });
    });

    it('writes thousands of files of one result', async () => {
      const id = await seedInput(database);
      const artifacts = Array.from({ length: 3000 }, (_, number) => artifactOf(`b${number}`));
      const result = await build(id, { ...good, artifacts: [...artifacts, artifactOf('hello')] });
      expect(await packages(id)).toMatchObject([{ status: 'GOOD', result_id: result?.id }]);
      const { count } = await database.read('counting', (db) =>
        db
          .selectFrom('result_artifact')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow(),
      );
      expect(Number(count)).toBe(3001);
    });
  });
}
