import { type RawBuilder, sql } from 'kysely';
import type { Queries } from '../database.ts';
import { all, idAmong } from '../list-page.ts';
import { listedWith, SHOWN_STATUSES, type ShownGroup } from './held-back.ts';

/** How many binary packages are alike in all that lists are most often filtered by. */
export type BinaryGroup = {
  readonly seen: number;
  readonly distribution: string;
  readonly release: string;
  readonly component: string | null;
  readonly architecture: string;
  readonly status: string | null;
  readonly packages: number;
};

/** The same of source packages. */
export type SourceGroup = Omit<BinaryGroup, 'architecture'>;

/** A group, and which rows are in it. */
export type NamedGroup<Group> = { readonly group: Group; readonly ids: readonly number[] };

/** Reads how many rows of a table are alike. */
export type AlikeReader<Group> = {
  readonly table: 'binary_package' | 'source_package';
  readonly counted: (db: Queries) => Promise<readonly Group[]>;
  /** Which rows they are: of those with these ids, or of all. Of SQLite. */
  readonly named: (db: Queries, among?: readonly number[]) => Promise<readonly NamedGroup<Group>[]>;
};

export const alikeBinaries: AlikeReader<BinaryGroup> = readerOf(
  'binary_package',
  ['seen', 'distribution', 'release', 'component', 'architecture', 'status'],
  () => sql`binary_package`,
);

export const alikeSources: AlikeReader<SourceGroup> = readerOf(
  'source_package',
  ['seen', 'distribution', 'release', 'component', 'status'],
  () => sql`source_package`,
);

/** Source packages that are listed now and not reproducible, by what their shown results say. */
export const alikeShown: AlikeReader<ShownGroup> = readerOf(
  'source_package',
  ['distribution', 'release', 'status', 'verdict', 'reason'],
  (db) => sql`(select source.id, source.distribution, source.release, source.status, its.verdict, its.reason
    from source_package as source join result as its on its.id = source.result_id
    where ${listedWith(db, SHOWN_STATUSES)}) as source_package`,
);

function readerOf<Group extends { readonly packages: number }>(
  table: AlikeReader<Group>['table'],
  columns: readonly (keyof Group & string)[],
  rows: (db: Queries) => RawBuilder<unknown>,
): AlikeReader<Group> {
  const by = sql.join(columns.map((column) => sql.ref(`${table}.${column}`)));
  const read = async <More>(db: Queries, more: RawBuilder<unknown>, among?: readonly number[]) => {
    const which = all(among === undefined ? [] : [idAmong(db, `${table}.id`, among)]);
    const query = sql<Group & More>`select ${by}, count(*) as packages${more} from ${rows(db)} ${which} group by ${by}`;
    return (await query.execute(db)).rows.map((row) => ({ ...row, packages: Number(row.packages) }));
  };
  return {
    table,
    counted: (db) => read(db, sql``),
    named: async (db, among) => {
      const found = await read<{ ids: string }>(db, sql`, json_group_array(${sql.ref(`${table}.id`)}) as ids`, among);
      return found.map(({ ids, ...group }) => ({ group: group as unknown as Group, ids: JSON.parse(ids) as number[] }));
    },
  };
}
