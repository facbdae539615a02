import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import {
  guarded,
  idAmong,
  idsAmong,
  type ListRequest,
  oneOf,
  readPage,
  type Term,
  termsOf,
  textAmong,
} from '../list-page.ts';
import type { Page, PageRequest } from '../page.ts';
import { type Census, createCensus } from './census.ts';
import { binaryTerms, hasStatus, type NameTerm, sourceTerms } from './filter.ts';
import { countsIn } from './held-back.ts';
import { maintainersHolding } from './maintainers.ts';
import { createNameSearch, type NameSearch } from './names.ts';
import { architectures, counts, days, distributions, places, releases } from './origins.ts';
import { readInputs } from './read-inputs.ts';
import { binaryPackage, binaryRows, sourcePackages } from './rows.ts';
import type { BinaryPackage, IdRange, ListFacts, PackageFilter, PackageStore, SourcePackage } from './types.ts';
import { readVersions } from './versions.ts';

/** The part of the store of packages that reads. */
export type PackageReader = Omit<PackageStore, 'import' | 'noteSync' | 'profiles' | 'noteDay'>;

const PIECE = 1_000;
const LARGEST_ID = 2 ** 31 - 1;
/** Of these there are few packages each: they are found by them, and then sorted. */
const FOUND_BY: readonly string[] = ['name', 'source', 'sha256', 'maintainer'];

/** What reads lists, and what is kept between them. */
type Reading = { readonly database: Database; readonly search: NameSearch; readonly census: Census };

/** Reads packages of any dialect's database. */
export function packageReader(database: Database): PackageReader {
  const reading = { database, search: createNameSearch(database), census: createCensus(database) };
  const { groups } = reading.census;
  return {
    listFacts: (of, filter) => (of === 'sources' ? sourceFacts(reading, filter) : binaryFacts(reading, filter)),
    sourcePackages: async (filter, page, facts) =>
      listSources(database, { filter, page, facts: facts ?? (await sourceFacts(reading, filter)) }),
    sourcePackage: (id) =>
      database.read(`reading source package ${id}`, async (db) => (await sourcePackages(db, [id]))[0]),
    binaryPackages: async (filter, page, facts) =>
      listBinaries(database, { filter, page, facts: facts ?? (await binaryFacts(reading, filter)) }),
    binaryPackage: (id) =>
      database.read(`reading binary package ${id}`, async (db) => {
        const row = await binaryRows(db).where('binary_package.id', '=', id).executeTakeFirst();
        return row === undefined ? undefined : binaryPackage(row);
      }),
    filesNamed: (names) => database.read('looking up packages by name', (db) => filesNamed(db, names)),
    eachBinaryPackage: (filter, range) => eachBinary(database, filter, range),
    buildInput: (id) => database.read(`reading build input ${id}`, async (db) => (await readInputs(db, [id])).get(id)),
    buildInputs: (ids) => database.read('reading build inputs', (db) => readInputs(db, ids)),
    versions: (filter) => database.read('reading versions', (db) => readVersions(db, filter)),
    causes: async (filter) => countsIn(await reading.census.causes(), filter),
    reasons: async (filter) => countsIn(await reading.census.reasons(), filter),
    places: async () => places(await groups()),
    distributions: async () => distributions(await groups()),
    releases: async (distribution) => releases(await groups(), distribution),
    architectures: async (distribution, release) => architectures(await groups(), distribution, release),
    counts: async (filter) => counts(await groups(), filter),
    days: (filter) => database.read('reading the days', (db) => days(db, filter)),
  };
}

async function binaryFacts({ database, search, census }: Reading, filter: PackageFilter): Promise<ListFacts> {
  const names = filter.search === undefined ? undefined : await search.holding(filter.search);
  const total = await census.binaries(filter, binaryTerms(filter, namesAmong(database, names)));
  return { total, ...(names === undefined ? {} : { names }) };
}

async function sourceFacts({ database, search, census }: Reading, filter: PackageFilter): Promise<ListFacts> {
  const { maintainerHolds: part } = filter;
  const found = {
    names: filter.search === undefined ? undefined : await search.holding(filter.search),
    maintainers: part === undefined ? undefined : await maintainersHolding(database, part),
    showing: await census.showing(filter),
    regressed: filter.regressed === true ? await census.regressed() : undefined,
  };
  return { ...found, total: await census.sources(filter, sourceTerms(filter, sourceFound(database, found))) };
}

/** A list of packages: what is asked, and what was found out for it before. */
type Asked<Column extends string> = {
  readonly filter: PackageFilter;
  readonly page: PageRequest<Column>;
  readonly facts: ListFacts;
};
export type AskedBinaries = Asked<'id' | 'name' | 'version' | 'architecture' | 'status'>;

function listBinaries(database: Database, asked: AskedBinaries): Promise<Page<BinaryPackage>> {
  return readPage(database, binaryRequest(database, asked));
}

/** A list of binary packages: what readPage and readPageIds read. */
export function binaryRequest(database: Database, { filter, page, facts }: AskedBinaries): ListRequest<BinaryPackage> {
  const names = namesAmong(database, facts.names);
  const { sort = 'id' } = page;
  const column = sql.ref(`binary_package.${sort}`);
  return {
    table: 'binary_package',
    terms: binaryTerms(filter, names),
    ...alongStatus('binary_package', filter, { sort, rest: (without) => binaryTerms(without, names) }),
    by: sort === 'id' ? 'id' : sort === 'status' ? sql`coalesce(${column}, '')` : column,
    page,
    total: facts.total,
    rows: binariesOf,
  };
}

/** Binary packages of these ids, in any order. */
export async function binariesOf(db: Queries, ids: readonly number[]): Promise<readonly BinaryPackage[]> {
  const rows = await binaryRows(db)
    .where(idAmong(db, 'binary_package.id', ids))
    .execute();
  return rows.map(binaryPackage);
}

/** Binary packages of the ids next after one, in their order. */
export async function binariesAfter(db: Queries, id: number, atMost: number): Promise<readonly BinaryPackage[]> {
  const rows = await binaryRows(db)
    .where('binary_package.id', '>', id)
    .orderBy('binary_package.id')
    .limit(atMost)
    .execute();
  return rows.map(binaryPackage);
}

async function listSources(
  database: Database,
  { filter, page, facts }: Asked<'id' | 'name' | 'version' | 'last_seen'>,
): Promise<Page<SourcePackage>> {
  const found = sourceFound(database, facts);
  const { sort = 'id' } = page;
  return readPage<SourcePackage>(database, {
    table: 'source_package',
    terms: sourceTerms(filter, found),
    ...alongStatus('source_package', filter, { sort, rest: (without) => sourceTerms(without, found) }),
    by: sort === 'id' ? 'id' : sql.ref(`source_package.${sort === 'last_seen' ? 'last_seen_at' : sort}`),
    page,
    total: facts.total,
    rows: sourcePackages,
  });
}

/** What was found out before, as conditions. */
function sourceFound(database: Database, facts: Omit<ListFacts, 'total'>) {
  const { maintainers } = facts;
  return {
    names: namesAmong(database, facts.names),
    maintainers:
      maintainers === undefined ? undefined : textAmong(database.dialect, 'source_package.maintainer', maintainers),
    showing: amongSources(database, facts.showing),
    regressed: amongSources(database, facts.regressed),
  };
}

function amongSources({ dialect }: Database, ids: readonly number[] | undefined): Term | undefined {
  return ids === undefined ? undefined : idsAmong(dialect, 'source_package.id', ids);
}

function namesAmong({ dialect }: Database, names: readonly string[] | undefined): NameTerm | undefined {
  return names === undefined ? undefined : (column) => textAmong(dialect, column, names);
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

/** Found by their names: of a version there may be very many. */
async function filesNamed(
  db: Queries,
  names: readonly { readonly name: string; readonly version: string }[],
): Promise<readonly BinaryPackage[]> {
  if (names.length === 0) return [];
  const wanted = new Set(names.map(({ name, version }) => `${name} ${version}`));
  const distinct = [...new Set(names.map(({ name }) => name))];
  const rows = await binaryRows(db)
    .where('binary_package.name', 'in', distinct)
    .where(
      termsOf([oneOf('binary_package.version', [...new Set(names.map(({ version }) => version))])], guarded(db))[0]!,
    )
    .orderBy('binary_package.id')
    .execute();
  return rows.filter(({ name, version }) => wanted.has(`${name} ${version}`)).map(binaryPackage);
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
