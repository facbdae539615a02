import { CompiledQuery, sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { all, finding, type Term, termsOf } from '../list-page.ts';
import { whileUnchanged } from '../while-unchanged.ts';
import { type AlikeReader, alikeBinaries, alikeShown, alikeSources, type BinaryGroup } from './alike.ts';
import { hasStatus, shownTerms } from './filter.ts';
import {
  type CauseCount,
  type ReasonCount,
  readCauses,
  readRegressed,
  reasonsOf,
  SHOWN_STATUSES,
  type ShownGroup,
} from './held-back.ts';
import { keptCounts } from './kept-counts.ts';
import { createTally } from './tally.ts';
import type { PackageFilter } from './types.ts';

/** Counts of lists, kept as long as nothing was imported and no result recorded, and a minute at most. */
export type Census = {
  readonly groups: () => Promise<readonly BinaryGroup[]>;
  readonly binaries: (filter: PackageFilter, terms: readonly Term[]) => Promise<number>;
  readonly causes: () => Promise<readonly CauseCount[]>;
  readonly reasons: () => Promise<readonly ReasonCount[]>;
  readonly regressed: () => Promise<readonly number[]>;
  /**
   * Ids of source packages whose shown results say what a filter asks of them (status, verdict, reason, cause); undefined
   * where it asks nothing, and where they are many: a list meets a page of those soon.
   */
  readonly showing: (filter: PackageFilter) => Promise<readonly number[] | undefined>;
  readonly sources: (filter: PackageFilter, terms: readonly Term[]) => Promise<number>;
};

/** Whether results change a count: those of statuses they do. */
type Depends = 'on packages' | 'on packages and results';

/** So few ids are kept of those whose results show something. */
const MOST_SHOWING = 2_000;
const IN_GROUPS = ['distribution', 'release', 'component', 'architecture', 'status', 'seenOnly'];
/** What a result changes. */
const OF_RESULTS = ['status', 'verdict', 'reason', 'cause', 'regressed'];
const IN_SHOWN_GROUPS = ['distribution', 'release', 'status', 'verdict', 'reason', 'seenOnly'];
const IN_SOURCE_GROUPS = IN_GROUPS.filter((key) => key !== 'architecture');

/** A census of a database. It counts aside: who lists does not wait for another's count. */
export function createCensus(database: Database): Census {
  const counts = keptCounts(() => Date.parse(database.now()));
  const stamps = {
    'on packages': whileUnchanged(database, () => readStamp(database, 'on packages')),
    'on packages and results': whileUnchanged(database, () => readStamp(database, 'on packages and results')),
  } as const satisfies Record<Depends, unknown>;
  const remember = async <Value>(
    key: string,
    depends: Depends,
    count: (db: Queries) => Promise<Value>,
  ): Promise<Value> => {
    return counts(key, await stamps[depends](), () => database.readAside('counting packages', count));
  };
  const alike = <Group extends { readonly packages: number }>(name: string, reader: AlikeReader<Group>) =>
    database.dialect === 'sqlite'
      ? createTally(database, reader).groups
      : () => remember(`alike ${name}`, 'on packages and results', reader.counted);
  const groups = alike('binaries', alikeBinaries);
  const sourceGroups = alike('sources', alikeSources);
  const shown = alike('shown', alikeShown);
  const count = (table: 'binary_package' | 'source_package', filter: PackageFilter, terms: readonly Term[]) =>
    remember(
      `${table} ${JSON.stringify(Object.entries(filter).sort())}`,
      asked(filter).some((key) => OF_RESULTS.includes(key)) ? 'on packages and results' : 'on packages',
      async (db) => {
        const { rows } = await sql<{ total: number }>`select count(*) as total from ${sql.table(table)}
          ${all(termsOf(terms, finding(db)))}`.execute(db);
        return Number(rows[0]?.total ?? 0);
      },
    );
  return {
    groups,
    causes: () => remember('causes', 'on packages and results', readCauses),
    reasons: async () => reasonsOf(await shown()),
    regressed: () => remember('regressed', 'on packages and results', readRegressed),
    binaries: async (filter, terms) =>
      asked(filter).every((key) => IN_GROUPS.includes(key))
        ? (await groups()).filter((group) => isIn(group, filter)).reduce((sum, group) => sum + group.packages, 0)
        : count('binary_package', filter, terms),
    showing: async (filter) => {
      const { status, verdict, reason, cause } = filter;
      if (verdict === undefined && reason === undefined && cause === undefined) return undefined;
      const listed = { status, verdict, reason, seenOnly: true };
      if (cause === undefined && isInShown(listed) && packagesIn(await shown(), listed) > MOST_SHOWING)
        return undefined;
      const key = `showing ${JSON.stringify([status, verdict, reason, cause])}`;
      return remember(key, 'on packages and results', (db) => readShowing(db, filter));
    },
    sources: async (filter, terms) => {
      if (asked(filter).every((key) => IN_SOURCE_GROUPS.includes(key)))
        return (await sourceGroups())
          .filter((group) => isIn(group, filter))
          .reduce((sum, group) => sum + group.packages, 0);
      return isInShown(filter) ? packagesIn(await shown(), filter) : count('source_package', filter, terms);
    },
  };
}

const STAMP_OF_PACKAGES = `(select max(id) from binary_package) as package,
  (select max(id) from source_package) as source, (select max(finished_at) from profile) as sync`;
/** Made once: a page asks several times. */
const STAMPS = {
  'on packages': CompiledQuery.raw(`select ${STAMP_OF_PACKAGES}`),
  'on packages and results': CompiledQuery.raw(`select (select max(id) from result) as result, ${STAMP_OF_PACKAGES}`),
} as const satisfies Record<Depends, CompiledQuery>;

/** What changes whenever packages or their statuses do: syncs end, packages are added, results are recorded. */
async function readStamp(database: Database, depends: Depends): Promise<string> {
  const { rows } = await database.read('counting packages', (db) => db.executeQuery(STAMPS[depends]));
  return JSON.stringify(rows[0]);
}

type Loose = { readonly [Key in keyof PackageFilter]?: PackageFilter[Key] | undefined };

/** Whether a filter is for nothing but what is counted in the groups of what is shown. */
function isInShown(filter: Loose): boolean {
  const { status, seenOnly } = filter;
  return (
    seenOnly === true &&
    status?.every((one) => SHOWN_STATUSES.includes(one)) === true &&
    asked(filter).every((key) => IN_SHOWN_GROUPS.includes(key))
  );
}

function packagesIn(groups: readonly ShownGroup[], filter: Loose): number {
  const { distribution, release, status = [], verdict, reason } = filter;
  let sum = 0;
  for (const group of groups)
    if (
      (status as readonly string[]).includes(group.status) &&
      (distribution === undefined || group.distribution === distribution) &&
      (release === undefined || group.release === (release ?? '')) &&
      (verdict === undefined || group.verdict === verdict) &&
      (reason === undefined || group.reason === reason)
    )
      sum += group.packages;
  return sum;
}

async function readShowing(db: Queries, filter: PackageFilter): Promise<readonly number[] | undefined> {
  const { status } = filter;
  const terms = [...(status === undefined ? [] : [hasStatus('source_package', status)]), ...shownTerms(filter)];
  const { rows } = await sql<{ id: number }>`select id from source_package ${all(termsOf(terms, finding(db)))}
    limit ${MOST_SHOWING + 1}`.execute(db);
  return rows.length > MOST_SHOWING ? undefined : rows.map(({ id }) => Number(id));
}

function asked(filter: Loose): readonly string[] {
  return Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .map(([key]) => key);
}

function isIn(
  group: Omit<BinaryGroup, 'architecture'> & { readonly architecture?: string },
  filter: PackageFilter,
): boolean {
  const { distribution, release, component, architecture, status, seenOnly } = filter;
  return (
    (distribution === undefined || group.distribution === distribution) &&
    (release === undefined || group.release === (release ?? '')) &&
    (component === undefined || group.component === component) &&
    (architecture === undefined || group.architecture === architecture) &&
    (status === undefined || (status as readonly string[]).includes(group.status ?? 'none')) &&
    (seenOnly !== true || group.seen === 1)
  );
}
