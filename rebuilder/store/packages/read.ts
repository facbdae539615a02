import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { guarded, type ListRequest, readPage, type Term, termsOf } from '../list-page.ts';
import type { Page, PageRequest, Status } from '../page.ts';
import { type Census, createCensus } from './census.ts';
import { binaryTerms, hasStatus, sourceTerms } from './filter.ts';
import { createNameSearch, type NameSearch } from './names.ts';
import { architectures, counts, days, distributions, releases } from './origins.ts';
import { binaryPackage, binaryRows, given, listedFile, releaseOf, sourcePackages } from './rows.ts';
import type { BinaryPackage, BuildInput, PackageFilter, PackageStore, SourcePackage } from './types.ts';

/** The part of the store of packages that reads. */
export type PackageReader = Omit<PackageStore, 'import' | 'noteSync' | 'profiles' | 'noteDay'>;

const PIECE = 1_000;
/** Of these there are few packages each: they are found by them, and then sorted. */
const FOUND_BY: readonly string[] = ['name', 'source', 'sha256', 'maintainer'];

/** What reads lists, and what is kept between them. */
type Reading = { readonly db: Queries; readonly search: NameSearch; readonly census: Census };

/** Reads packages of any dialect's database. */
export function packageReader(database: Database): PackageReader {
  const kept = { search: createNameSearch(), census: createCensus(() => Date.parse(database.now())) };
  const groups = () => database.read('counting packages', kept.census.groups);
  return {
    sourcePackages: (filter, page) =>
      database.read('listing source packages', (db) => listSources({ db, ...kept }, filter, page)),
    sourcePackage: (id) =>
      database.read(`reading source package ${id}`, async (db) => (await sourcePackages(db, [id]))[0]),
    binaryPackages: (filter, page) =>
      database.read('listing binary packages', (db) => listBinaries({ db, ...kept }, filter, page)),
    binaryPackage: (id) =>
      database.read(`reading binary package ${id}`, async (db) => {
        const row = await binaryRows(db).where('binary_package.id', '=', id).executeTakeFirst();
        return row === undefined ? undefined : binaryPackage(row);
      }),
    eachBinaryPackage: (filter) => eachBinary(database, filter),
    buildInput: (id) => database.read(`reading build input ${id}`, (db) => readInput(db, id)),
    distributions: async () => distributions(await groups()),
    releases: async (distribution) => releases(await groups(), distribution),
    architectures: async (distribution, release) => architectures(await groups(), distribution, release),
    counts: async (filter) => counts(await groups(), filter),
    days: (filter) => database.read('reading the days', (db) => days(db, filter)),
  };
}

async function listBinaries(
  { db, search, census }: Reading,
  filter: PackageFilter,
  page: PageRequest<'id' | 'name' | 'version' | 'architecture' | 'status'>,
): Promise<Page<BinaryPackage>> {
  const names = await searched(db, search, filter);
  const terms = binaryTerms(filter, names);
  const { sort = 'id' } = page;
  const column = sql.ref(`binary_package.${sort}`);
  return readPage<BinaryPackage>(db, {
    table: 'binary_package',
    terms,
    ...alongStatus('binary_package', filter, { sort, rest: (without) => binaryTerms(without, names) }),
    by: sort === 'id' ? 'id' : sort === 'status' ? sql`coalesce(${column}, '')` : column,
    page,
    total: await census.binaries(db, filter, terms),
    rows: async (ids) => (await binaryRows(db).where('binary_package.id', 'in', ids).execute()).map(binaryPackage),
  });
}

async function listSources(
  { db, search, census }: Reading,
  filter: PackageFilter,
  page: PageRequest<'id' | 'name' | 'version' | 'last_seen'>,
): Promise<Page<SourcePackage>> {
  const names = await searched(db, search, filter);
  const terms = sourceTerms(filter, names);
  const { sort = 'id' } = page;
  return readPage<SourcePackage>(db, {
    table: 'source_package',
    terms,
    ...alongStatus('source_package', filter, { sort, rest: (without) => sourceTerms(without, names) }),
    by: sort === 'id' ? 'id' : sql.ref(`source_package.${sort === 'last_seen' ? 'last_seen_at' : sort}`),
    page,
    total: await census.sources(db, filter, terms),
    rows: (ids) => sourcePackages(db, ids),
  });
}

async function searched(
  db: Queries,
  search: NameSearch,
  filter: PackageFilter,
): Promise<readonly string[] | undefined> {
  return filter.search === undefined ? undefined : search.holding(db, filter.search);
}

/** The index of statuses has the rows of each in the order of ids. */
function alongStatus(
  table: 'binary_package' | 'source_package',
  filter: PackageFilter,
  list: { readonly sort: string; readonly rest: (filter: PackageFilter) => readonly Term[] },
): Pick<ListRequest<unknown>, 'along'> {
  const { status, ...others } = filter;
  if (status === undefined || status.length === 0 || (list.sort !== 'id' && list.sort !== 'status')) return {};
  return { along: { values: status.map((one) => hasStatus(table, [one])), rest: list.rest(others) } };
}

async function* eachBinary(database: Database, filter: PackageFilter): AsyncIterable<readonly BinaryPackage[]> {
  const { few = [], others = [] } = Object.groupBy(Object.entries(filter), ([key]) =>
    FOUND_BY.includes(key) ? 'few' : 'others',
  );
  const [finding, rest] = [few, others].map((part) => binaryTerms(Object.fromEntries(part)));
  for (let after = 0; ; ) {
    const rows = await database.read('listing binary packages', (db) => {
      let query = binaryRows(db).where(
        few.length > 0 ? sql<number>`+binary_package.id` : 'binary_package.id',
        '>',
        after,
      );
      for (const condition of [...termsOf(finding ?? []), ...termsOf(rest ?? [], guarded(db))])
        query = query.where(condition);
      return query.orderBy('binary_package.id').limit(PIECE).execute();
    });
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
    yield rows.map(binaryPackage);
  }
}

async function readInput(db: Queries, id: number): Promise<BuildInput | undefined> {
  const row = await db.selectFrom('build_input').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  const files = await db
    .selectFrom('binary_package')
    .selectAll()
    .where('build_input_id', '=', id)
    .orderBy('name')
    .orderBy('architecture')
    .orderBy('id')
    .execute();
  // The same file in several suites is listed once, as it was seen last.
  const once = new Map(files.map((file) => [JSON.stringify([file.name, file.version, file.architecture]), file]));
  return {
    id: row.id,
    distribution: row.distribution,
    source: row.source,
    version: row.version,
    architecture: row.architecture,
    ...releaseOf(row.release),
    ...given('url', row.url),
    ...given('status', row.status as Status | null),
    ...given('verdict', row.verdict),
    ...given('reason', row.reason),
    ...given('resultId', row.result_id),
    ...given('decidedAt', row.decided_at),
    files: [...once.values()].map(listedFile),
  };
}
