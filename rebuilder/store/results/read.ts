import { sql } from 'kysely';
import type { Sha256 } from '../../../model/index.ts';
import type { Database, Queries } from '../database.ts';
import { equals, guarded, idAmong, readPage, type Term } from '../list-page.ts';
import type { Page, PageRequest } from '../page.ts';
import { attemptsOf } from './attempts.ts';
import { readCausesOf, readResultsOf } from './by-ids.ts';
import { createResultCensus } from './census.ts';
import { type ResultTerms, resultTerms, termsToFindBy } from './filter.ts';
import { readResultOfJob } from './of-job.ts';
import { artifactOf, resultOf } from './rows.ts';
import type { Result, ResultFilter, ResultStore, StoredArtifact } from './types.ts';

/** The part of the store of results that reads. */
export type ResultReader = Omit<ResultStore, 'record' | 'importResult' | 'importResults'>;

/** Reads results of any dialect's database. */
export function resultReader(database: Database): ResultReader {
  const census = createResultCensus(database);
  return {
    countResults: (filter) => census.count(filter),
    results: async (filter, page, total) =>
      listResults(database, { filter, page, total: total ?? (await census.count(filter)) }),
    result: (id) =>
      database.read(`reading result ${id}`, async (db) => {
        const row = await db.selectFrom('result').selectAll().where('id', '=', id).executeTakeFirst();
        return row === undefined ? undefined : resultOf(row);
      }),
    resultOfJob: (jobId) => readResultOfJob(database, jobId),
    attempts: async ({ since, ...place }) => attemptsOf(await census.since(since), place),
    resultsOf: (ids) => database.read('reading results', (db) => readResultsOf(db, ids)),
    causesOf: (ids) => database.read('reading the causes of results', (db) => readCausesOf(db, ids)),
    testimony: (resultId) =>
      database.read(`reading the testimony of result ${resultId}`, async (db) => {
        const row = await db
          .selectFrom('result_testimony')
          .select('sha256')
          .where('result_id', '=', resultId)
          .executeTakeFirst();
        return row?.sha256;
      }),
    artifacts: (resultId) =>
      database.read(`reading the artifacts of result ${resultId}`, async (db) => {
        const rows = await db
          .selectFrom('result_artifact')
          .selectAll()
          .where('result_id', '=', resultId)
          .orderBy('id')
          .execute();
        return rows.map(artifactOf);
      }),
    artifact: (id) =>
      database.read(`reading artifact ${id}`, async (db) => {
        const row = await db.selectFrom('result_artifact').selectAll().where('id', '=', id).executeTakeFirst();
        return row === undefined ? undefined : artifactOf(row);
      }),
    rebuildersOf: (sha256s) => database.read('counting rebuilders', (db) => rebuildersOf(db, sha256s)),
    artifactsBySha256: (sha256, limit) =>
      database.read('looking up artifacts by digest', (db) => artifactsBySha256(db, sha256, limit)),
  };
}

async function listResults(
  database: Database,
  request: { readonly filter: ResultFilter; readonly page: PageRequest<'id' | 'built_at'>; readonly total: number },
): Promise<Page<Result>> {
  const { filter, page, total } = request;
  const terms = resultTerms(filter);
  const along = page.sort === 'built_at' ? alongTime(filter, terms) : alongIds(filter, terms);
  return readPage<Result>(database, {
    table: 'result',
    terms: Object.values(terms),
    finding: (db) => termsToFindBy(filter, guarded(db)),
    ...(along === undefined ? {} : { along }),
    by: page.sort === 'built_at' ? sql.ref('result.built_at') : 'id',
    page,
    total,
    rows: async (db, ids) =>
      (
        await db
          .selectFrom('result')
          .selectAll()
          .where(idAmong(db, 'id', ids))
          .execute()
      ).map(resultOf),
  });
}

type Along = { readonly values: readonly Term[]; readonly rest: readonly Term[] };

/** The condition that finds least of those whose index is in the order of time. Most results are GOOD. */
function alongTime(filter: ResultFilter, terms: ResultTerms): Along | undefined {
  const { name, change, workerId, status, release, component } = filter;
  const by = (key: keyof ResultFilter, column: string, values: readonly (string | number)[]) =>
    along(
      terms,
      key,
      [...new Set(values)].map((value) => equals(column, value)),
    );
  if (name !== undefined) return by('name', 'result.source', [name]);
  if (change !== undefined) return by('change', 'result.change', change);
  if (workerId !== undefined) return by('workerId', 'result.worker_id', [workerId]);
  if (status !== undefined && !status.includes('GOOD')) return by('status', 'result.status', status);
  if (component !== undefined) return by('component', 'result.component', [component]);
  if (release !== undefined) return by('release', 'result.release', [release ?? '']);
  return status === undefined ? undefined : by('status', 'result.status', status);
}

function alongIds({ status }: ResultFilter, terms: ResultTerms): Along | undefined {
  if (status === undefined) return undefined;
  return along(
    terms,
    'status',
    [...new Set(status)].map((value) => equals('result.status', value)),
  );
}

function along(terms: ResultTerms, key: keyof ResultFilter, values: readonly Term[]): Along | undefined {
  // Without a value there is no branch to read along: the condition itself says that nothing matches.
  if (values.length === 0) return undefined;
  return { values, rest: Object.entries(terms).flatMap(([name, term]) => (name === key ? [] : [term])) };
}

async function artifactsBySha256(db: Queries, sha256: Sha256, limit: number): Promise<readonly StoredArtifact[]> {
  const rows = await db
    .selectFrom('result_artifact')
    .selectAll()
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('result_artifact')
        .select('id')
        .where('published_sha256', '=', sha256)
        .union(eb.selectFrom('result_artifact').select('id').where('rebuilt_sha256', '=', sha256)),
    )
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(artifactOf);
}

async function rebuildersOf(db: Queries, sha256s: readonly Sha256[]): Promise<ReadonlyMap<Sha256, number>> {
  if (sha256s.length === 0) return new Map();
  const rows = await db
    .selectFrom('result_artifact')
    .innerJoin('result', 'result.id', 'result_artifact.result_id')
    .select([
      'result_artifact.published_sha256 as sha256',
      sql<number>`count(distinct coalesce(cast(result.worker_id as text), result.origin))`.as('rebuilders'),
    ])
    .where('result_artifact.published_sha256', 'in', [...sha256s])
    .where('result_artifact.verdict', '=', 'identical')
    .groupBy('result_artifact.published_sha256')
    .execute();
  return new Map(rows.map(({ sha256, rebuilders }) => [sha256 as Sha256, Number(rebuilders)]));
}
