import { beforeEach, describe, expect, it } from 'vitest';
import type { Sha256 } from '../../model/index.ts';
import type { Database } from '../../rebuilder/store/database.ts';
import { type ResultReader, resultReader } from '../../rebuilder/store/results/index.ts';
import type { ResultFilter } from '../../rebuilder/store/results/types.ts';
import { digestOf, type ServiceRows, serviceRows } from '../helpers/service-data.ts';

/** Four results of hello, one of them for `all`, and one of another distribution's package. */
async function fill(rows: ServiceRows): Promise<void> {
  await rows.source({});
  await rows.input({ component: 'contrib' });
  await rows.input({ architecture: 'all' });
  await rows.input({ source: 'other', version: '1', distribution: 'other', release: '', architecture: 'riscv64' });
  await rows.binary({});
  const of = {
    worker_id: 7,
    job_id: 11,
    lease: 3,
    rebuild_id: 'abc',
    log_sha256: digestOf('d'),
    log_bytes: 9,
    log_truncated: 1,
  };
  const more = { memory_bytes: 5_000_000_000, disk_bytes: 6, record_sha256: digestOf('e'), reason: 'r', detail: 'd' };
  await rows.result({ ...of, ...more, wall_seconds: 1.5 });
  await rows.result({
    status: 'BAD',
    verdict: 'unreproducible',
    change: 'regression',
    built_at: '2026-01-05T00:00:00.000Z',
  });
  await rows.result({
    build_input_id: 2,
    status: 'FAIL',
    verdict: 'unknown',
    decides: 0,
    change: null,
    built_at: '2026-01-04T00:00:00.000Z',
  });
  await rows.result({ status: 'GOOD', change: 'fixed', built_at: '2026-01-06T00:00:00.000Z' });
  await rows.result({
    build_input_id: 3,
    status: 'UNKWN',
    decides: 0,
    change: null,
    exit_status: null,
    wall_seconds: null,
  });
  await rows.artifact({
    published_sha256: digestOf('a'),
    published_bytes: 5,
    rebuilt_sha256: digestOf('a'),
    rebuilt_bytes: 5,
    checked_here: 1,
  });
  await rows.artifact({
    name: 'hello-doc',
    architecture: 'all',
    verdict: 'differs',
    status: 'BAD',
    difference_sha256: digestOf('1'),
    report_sha256: digestOf('2'),
    attestation_sha256: digestOf('3'),
  });
  await rows.artifact({
    result_id: 2,
    version: null,
    architecture: null,
    published_sha256: digestOf('b'),
    rebuilt_sha256: digestOf('a'),
    verdict: 'differs',
    status: 'BAD',
  });
}

/** What every store of results reads, whatever database is under it. */
export function describeResultReading(name: string, make: () => Promise<Database>): void {
  describe(`${name}: reading results`, () => {
    let results: ResultReader;
    beforeEach(async () => {
      const database = await make();
      results = resultReader(database);
      await fill(serviceRows(database));
    });

    it('gives results by their ids, and what differs in them', async () => {
      const found = await results.resultsOf([2, 1, 99]);
      expect([...found.keys()].sort()).toEqual([1, 2]);
      expect(found.get(2)).toEqual(await results.result(2));
      expect(await results.resultsOf([])).toEqual(new Map());
      expect(await results.causesOf([])).toEqual(new Map());
      expect(await results.causesOf([1, 2])).toEqual(new Map());
    });

    it('tells all that is known of a result', async () => {
      const known = {
        id: 1,
        buildInputId: 1,
        source: 'hello',
        version: '2.10-5',
        distribution: 'debian',
        release: 'trixie',
        architecture: 'amd64',
        origin: 'ours',
        rebuildId: 'abc',
        workerId: 7,
        startedAt: '2026-01-03T00:00:00.000Z',
        builtAt: '2026-01-03T00:01:00.000Z',
        status: 'GOOD',
        verdict: 'reproducible',
        reason: 'r',
        detail: 'd',
        decides: true,
        change: 'first',
        retries: 0,
        exitStatus: 0,
        wallSeconds: 1.5,
        memoryBytes: 5_000_000_000,
        diskBytes: 6,
        log: { sha256: digestOf('d'), bytes: 9, truncated: true },
        record: digestOf('e'),
      };
      expect(await results.result(1)).toEqual(known);
      expect(await results.resultOfJob(11)).toEqual(known);
    });

    it('leaves out what is not known of one', async () => {
      const unknown = await results.result(5);
      expect(unknown).toMatchObject({ distribution: 'other', decides: false });
      for (const key of ['release', 'rebuildId', 'workerId', 'change', 'exitStatus', 'wallSeconds', 'log', 'record'])
        expect(unknown).not.toHaveProperty(key);
    });

    it('knows nothing of ids that are not there', async () => {
      expect(await results.result(6)).toBeUndefined();
      expect(await results.resultOfJob(1)).toBeUndefined();
      expect(await results.artifact(4)).toBeUndefined();
      expect(await results.artifacts(6)).toEqual([]);
    });

    it.each<[string, ResultFilter, number[]]>([
      ['everything', {}, [1, 2, 3, 4, 5]],
      ['a distribution', { distribution: 'debian' }, [1, 2, 3, 4]],
      ['no release', { release: null }, [5]],
      ['an architecture', { architecture: 'all' }, [3]],
      ['a component', { component: 'contrib' }, [1, 2, 4]],
      ['a source', { name: 'other', version: '1' }, [5]],
      ['an input', { buildInputId: 2 }, [3]],
      ['a status', { status: ['GOOD'] }, [1, 4]],
      ['several statuses', { status: ['BAD', 'FAIL'] }, [2, 3]],
      ['no status at all', { status: [] }, []],
      ['a change', { change: ['regression'] }, [2]],
      ['several changes', { change: ['regression', 'fixed'] }, [2, 4]],
      ['what was built since', { since: '2026-01-04T00:00:00.000Z' }, [2, 3, 4]],
      ['a worker', { workerId: 7 }, [1]],
      ['all at once', { distribution: 'debian', release: 'trixie', architecture: 'amd64', status: ['GOOD'] }, [1, 4]],
    ])('lists results of %s, and counts them', async (_, filter, ids) => {
      const page = await results.results(filter, {});
      expect(page.records.map((one) => one.id)).toEqual(ids);
      expect((await results.results(filter, { limit: 1 })).total).toBe(ids.length);
    });

    it('gives each row once when a list is read page by page, newest or oldest first', async () => {
      for (const sort of ['id', 'built_at'] as const)
        for (const direction of ['ascending', 'descending'] as const) {
          const ids = async (page: { limit?: number; after?: number; before?: number }) =>
            (await results.results({}, { sort, direction, ...page })).records.map((one) => one.id);
          const whole = await ids({});
          const read: number[] = [];
          for (
            let page = await ids({ limit: 2 });
            page.length > 0;
            page = await ids({ limit: 2, after: read.at(-1) ?? 0 })
          )
            read.push(...page);
          expect(read).toEqual(whole);
          expect(await ids({ limit: 2, before: whole[3] ?? 0 })).toEqual(whole.slice(1, 3));
        }
      const newest = await results.results({}, { sort: 'built_at', direction: 'descending' });
      expect(newest.records.map((one) => one.id)).toEqual([4, 2, 3, 5, 1]);
    });

    it('gives an empty page behind a cursor that is not there', async () => {
      expect(await results.results({}, { after: 99 })).toEqual({ total: 5, records: [] });
      expect(await results.results({}, { sort: 'built_at', before: 0 })).toEqual({ total: 5, records: [] });
    });

    it('tells the artifacts of a result in their order', async () => {
      expect(await results.artifacts(1)).toEqual([
        {
          id: 1,
          resultId: 1,
          name: 'hello',
          version: '2.10-5',
          architecture: 'amd64',
          fileName: 'hello_2.10-5_amd64.deb',
          verdict: 'identical',
          status: 'GOOD',
          published: { sha256: digestOf('a'), size: 5 },
          rebuilt: { sha256: digestOf('a'), size: 5 },
          checkedHere: true,
        },
        {
          id: 2,
          resultId: 1,
          name: 'hello-doc',
          version: '2.10-5',
          architecture: 'all',
          fileName: 'hello-doc_2.10-5_all.deb',
          verdict: 'differs',
          status: 'BAD',
          difference: digestOf('1'),
          report: digestOf('2'),
          attestation: digestOf('3'),
          checkedHere: false,
        },
      ]);
      expect(await results.artifact(3)).not.toHaveProperty('version');
    });

    it('finds where a file was published or rebuilt, newest first', async () => {
      const ids = async (digest: string, limit = 10) =>
        (await results.artifactsBySha256(digest as Sha256, limit)).map((one) => one.id);
      expect(await ids(digestOf('a'))).toEqual([3, 1]);
      expect(await ids(digestOf('a'), 1)).toEqual([3]);
      expect(await ids(digestOf('b'))).toEqual([3]);
      expect(await ids(digestOf('f'))).toEqual([]);
    });
  });
}
