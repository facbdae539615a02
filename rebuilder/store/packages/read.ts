import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { guarded, type ListRequest, readPage, type Term, termsOf } from '../list-page.ts';
import type { Page, PageRequest } from '../page.ts';
import { type Census, createCensus } from './census.ts';
import { binaryTerms, hasStatus, sourceTerms } from './filter.ts';
import { createNameSearch, type NameSearch } from './names.ts';
import { architectures, counts, days, distributions, releases } from './origins.ts';
import { readInputs } from './read-inputs.ts';
import { binaryPackage, binaryRows, sourcePackages } from './rows.ts';
import type { BinaryPackage, IdRange, PackageFilter, PackageStore, SourcePackage } from './types.ts';

/** The part of the store of packages that reads. */
export type PackageReader = Omit<PackageStore, 'import' | 'noteSync' | 'profiles' | 'noteDay'>;

const PIECE = 1_000;
const LARGEST_ID = 2 ** 31 - 1;
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
    eachBinaryPackage: (filter, range) => eachBinary(database, filter, range),
    buildInput: (id) => database.read(`reading build input ${id}`, async (db) => (await readInputs(db, [id])).get(id)),
    buildInputs: (ids) => database.read('reading build inputs', (db) => readInputs(db, ids)),
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
  return { along: { values: [...new Set(status)].map((one) => hasStatus(table, [one])), rest: list.rest(others) } };
}

async function* eachBinary(
  database: Database,
  filter: PackageFilter,
  { after: beginning = 0, upTo = LARGEST_ID }: IdRange = {},
): AsyncIterable<readonly BinaryPackage[]> {
  const { few = [], others = [] } = Object.groupBy(Object.entries(filter), ([key]) =>
    FOUND_BY.includes(key) ? 'few' : 'others',
  );
  const [finding, rest] = [few, others].map((part) => binaryTerms(Object.fromEntries(part)));
  for (let after = beginning; ; ) {
    const rows = await database.read('listing binary packages', (db) => {
      const id = few.length > 0 ? sql<number>`+binary_package.id` : 'binary_package.id';
      let query = binaryRows(db).where(id, '>', after).where(id, '<=', upTo);
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
