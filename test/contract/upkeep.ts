import { describe, expect, it } from 'vitest';
import type { RebuildRecord } from '../../model/index.ts';
import type { Database } from '../../rebuilder/store/database.ts';
import { type BlobStore, fsck, prune } from '../../rebuilder/store/index.ts';
import { createJobStore } from '../../rebuilder/store/jobs/index.ts';
import { createStore } from '../../rebuilder/store/rebuilds.ts';
import { resultWriter } from '../../rebuilder/store/results/writer.ts';
import { sampleRecord, sampleRequest } from '../helpers/sample-record.ts';
import { seedInput } from '../helpers/seed-inputs.ts';
import { entryOf, noRetry } from './result-entries.ts';
import type { Clock } from './service-database.ts';

/** An empty database whose clock a test moves, and empty blobs whose files' times do not matter. */
export type MadeUpkeep = {
  /** A folder for its lock. */
  readonly data: string;
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
};

const DAY = 86_400;
/** The clock of the database is in the past: what is put now is younger than any grace, unless there is none. */
const rules = { newest: 1, graceSeconds: -1000 * 365 * DAY };

async function put(blobs: BlobStore, text: string): Promise<string> {
  const stream = async function* () {
    yield Buffer.from(text);
  };
  return (await blobs.put('x', stream(), 1000)).sha256;
}

/** What every database does when it is looked after. */
export function describeUpkeep(name: string, make: () => Promise<MadeUpkeep>): void {
  /** Records a rebuild with a log and a file of these texts. */
  const record = async ({ database, blobs }: MadeUpkeep, text: string, changes: Partial<RebuildRecord> = {}) => {
    const store = createStore(database);
    const id = await store.createRebuild(sampleRequest);
    const [log, file] = [await put(blobs, `log ${text}`), await put(blobs, `file ${text}`)];
    const [attempt] = sampleRecord(id).attempts;
    if (attempt === undefined) throw new Error('the sample has no attempt');
    const artifacts = [{ name: 'less.deb', size: 9, sha256: file }];
    const first = { ...attempt, artifacts, log: { ...attempt.log, blob: log } };
    await store.saveStage(id, { stage: 'build', value: first, startedAt: '2026-01-01T00:00:00.000Z', wallSeconds: 1 });
    await store.saveRecord(sampleRecord(id, { ...changes, attempts: [first] }));
    return { id, log, file };
  };

  /** Ends a job of an input with a result that refers to blobs of these texts. */
  const report = async ({ database, blobs }: MadeUpkeep, buildInputId: number, text: string) => {
    const jobs = createJobStore(database);
    await jobs.ask({ buildInputId }, { kind: 'manual' });
    const leased = await jobs.claim({ id: 1, capabilities: { architectures: ['*'] } }, 100);
    if (leased === undefined) throw new Error('there is no job');
    const log = { sha256: await put(blobs, `log ${text}`), bytes: 9, truncated: false };
    const evidence = await put(blobs, `difference ${text}`);
    const testimony = await put(blobs, `testimony ${text}`);
    const rebuilt = { sha256: await put(blobs, `file ${text}`), size: 9 };
    const entry = entryOf({ log, testimony, builtAt: database.now() });
    const artifact = {
      name: 'hello',
      fileName: 'hello.deb',
      verdict: 'differs',
      status: 'BAD',
      checkedHere: true,
    } as const;
    await resultWriter(database).record(
      { jobId: leased.job.id, lease: leased.lease },
      { ...entry, artifacts: [{ ...artifact, rebuilt, difference: evidence }] },
      noRetry,
    );
    return { log: log.sha256, file: rebuilt.sha256, evidence, testimony };
  };

  describe(`${name}: looking at what is kept`, () => {
    it('finds nothing wrong with an empty store, nor with one in use', async () => {
      const made = await make();
      expect(await fsck(made, { quick: false })).toMatchObject({ ok: true, blobs: 0, database: [] });
      await record(made, 'a');
      await report(made, await seedInput(made.database), 'b');
      const orphan = await put(made.blobs, 'nobody refers to it');
      expect(orphan).toHaveLength(64);
      expect(await fsck(made, { quick: false })).toEqual({
        ok: true,
        database: [],
        blobs: 7,
        bytes: expect.any(Number),
        damaged: [],
        missing: [],
        pruned: 0,
        orphaned: 1,
      });
    });

    it('names a blob that is gone, and who refers to it', async () => {
      const made = await make();
      const { id, log } = await record(made, 'a');
      const result = await report(made, await seedInput(made.database), 'b');
      for (const sha256 of [log, result.evidence, result.testimony])
        await made.blobs.remove(sha256, '9999-01-01T00:00:00.000Z');
      const found = await fsck(made, { quick: true });
      expect(found.ok).toBe(false);
      expect(found.missing).toEqual([
        { sha256: result.testimony, by: 'result 1' },
        { sha256: result.evidence, by: 'result 1' },
        { sha256: log, by: `rebuild ${id}` },
      ]);
    });

    it('minds no rebuilt file that was never stored, for it came out as published', async () => {
      const made = await make();
      const { file } = await report(made, await seedInput(made.database), 'a');
      await made.blobs.remove(file, '9999-01-01T00:00:00.000Z');
      expect(await fsck(made, { quick: false })).toMatchObject({ ok: true });
    });

    it('stops when it is told to', async () => {
      const made = await make();
      await record(made, 'a');
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(fsck(made, { quick: false, signal })).rejects.toThrow('enough');
    });
  });

  describe(`${name}: letting go of what is old`, () => {
    it('only counts until it is told to delete', async () => {
      const made = await make();
      await record(made, 'old');
      await record(made, 'new');
      made.clock.pass(100 * DAY);
      const pruned = await prune(made, { ...rules, logSeconds: 30 * DAY }, { really: false });
      expect(pruned.logs.blobs).toBe(1);
      expect(await fsck(made, { quick: false })).toMatchObject({ ok: true, blobs: 4 });
    });

    it('deletes old logs and files, and then does not miss them', async () => {
      const made = await make();
      const old = await record(made, 'old');
      const young = await record(made, 'new');
      made.clock.pass(100 * DAY);
      const order = { ...rules, logSeconds: 30 * DAY, fileSeconds: 200 * DAY };
      expect(await prune(made, order, { really: true })).toMatchObject({ logs: { blobs: 1 }, files: { blobs: 0 } });
      expect(await made.blobs.path(old.log)).toBeUndefined();
      for (const kept of [old.file, young.log, young.file]) expect(await made.blobs.path(kept)).toBeDefined();
      expect(await fsck(made, { quick: false })).toMatchObject({ ok: true, pruned: 1 });
      made.clock.pass(200 * DAY);
      expect(await prune(made, order, { really: true })).toMatchObject({ logs: { blobs: 0 }, files: { blobs: 1 } });
    });

    it('keeps for ever what no rule speaks of', async () => {
      const made = await make();
      await record(made, 'old');
      await record(made, 'new');
      made.clock.pass(10_000 * DAY);
      expect(await prune(made, rules, { really: true })).toMatchObject({ logs: { blobs: 0 }, files: { blobs: 0 } });
      expect(await fsck(made, { quick: false })).toMatchObject({ ok: true, blobs: 4 });
    });

    it('keeps all of as many of the newest as asked, of each input by itself', async () => {
      const made = await make();
      const input = await seedInput(made.database);
      const other = await seedInput(made.database, { source: 'other' });
      const results = [];
      for (const text of ['1', '2', '3']) {
        results.push(await report(made, input, text));
        made.clock.pass(DAY);
      }
      const alone = await report(made, other, 'alone');
      made.clock.pass(100 * DAY);
      const order = { newest: 2, graceSeconds: rules.graceSeconds, logSeconds: DAY, fileSeconds: DAY };
      expect(await prune(made, order, { really: true })).toMatchObject({ logs: { blobs: 1 }, files: { blobs: 1 } });
      const there = async (sha256: string) => (await made.blobs.path(sha256)) !== undefined;
      expect(await Promise.all(results.map(({ log }) => there(log)))).toEqual([false, true, true]);
      expect(await Promise.all(results.map(({ evidence }) => there(evidence)))).toEqual([true, true, true]);
      expect(await there(alone.log)).toBe(true);
    });

    it('keeps what the deciding result refers to, however many came after it', async () => {
      const made = await make();
      const input = await seedInput(made.database);
      const deciding = await report(made, input, 'decides');
      const [row] = await made.database.read('reading', (db) => db.selectFrom('result').select('id').execute());
      await made.database.write('a later one that says nothing', (db) =>
        db
          .updateTable('build_input')
          .set({ result_id: row?.id ?? 0 })
          .where('id', '=', input)
          .execute(),
      );
      made.clock.pass(DAY);
      await report(made, input, 'later');
      await made.database.write('and is not the one that decides', (db) =>
        db
          .updateTable('build_input')
          .set({ result_id: row?.id ?? 0 })
          .where('id', '=', input)
          .execute(),
      );
      made.clock.pass(100 * DAY);
      await prune(made, { ...rules, logSeconds: DAY, fileSeconds: DAY }, { really: true });
      expect(await made.blobs.path(deciding.log)).toBeDefined();
      expect(await made.blobs.path(deciding.file)).toBeDefined();
    });

    it('keeps what an old and a new one share', async () => {
      const made = await make();
      const old = await record(made, 'same');
      const young = await record(made, 'same');
      expect(young.log).toBe(old.log);
      made.clock.pass(100 * DAY);
      await prune(made, { ...rules, logSeconds: DAY, fileSeconds: DAY }, { really: true });
      expect(await made.blobs.path(old.log)).toBeDefined();
    });

    it('keeps what an unfinished rebuild has made so far', async () => {
      const made = await make();
      const store = createStore(made.database);
      const id = await store.createRebuild(sampleRequest);
      const [attempt] = sampleRecord(id).attempts;
      const log = await put(made.blobs, 'half');
      const value = { ...attempt, artifacts: [], log: { blob: log, bytes: 4, truncated: false } };
      await store.saveStage(id, { stage: 'build', value, startedAt: '2026-01-01T00:00:00.000Z', wallSeconds: 1 });
      made.clock.pass(1000 * DAY);
      await prune(made, { ...rules, logSeconds: DAY }, { really: true });
      expect(await made.blobs.path(log)).toBeDefined();
    });

    it('deletes what nothing refers to, but not while it may be on its way to a result', async () => {
      const made = await make();
      const orphan = await put(made.blobs, 'orphan');
      // The files' own times are today's, and the clock of the database is set to now by the years in between.
      expect(await prune(made, { ...rules, graceSeconds: 100 * 365 * DAY }, { really: true })).toMatchObject({
        orphans: { blobs: 0 },
      });
      expect(await made.blobs.path(orphan)).toBeDefined();
      expect(await prune(made, rules, { really: true })).toMatchObject({ orphans: { blobs: 1, bytes: 6 } });
      expect(await made.blobs.path(orphan)).toBeUndefined();
    });
  });
}
