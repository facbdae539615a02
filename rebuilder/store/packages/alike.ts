import { type RawBuilder, sql } from 'kysely';
import type { Queries } from '../database.ts';
import { all, idAmong } from '../list-page.ts';
import { SHOWN_STATUSES } from './held-back.ts';

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

/** The same of source packages. What is not reproducible differs also by its shown result; elsewhere both are null. */
export type SourceGroup = Omit<BinaryGroup, 'architecture'> & {
  readonly verdict: string | null;
  readonly reason: string | null;
};

/** Reads how many rows of a table are alike. */
export type AlikeReader<Group> = {
  readonly table: 'binary_package' | 'source_package';
  readonly counted: (db: Queries) => Promise<readonly Group[]>;
  /** Which rows they are: of those with these ids, or of all. Of SQLite. */
  readonly named: (
    db: Queries,
    among?: readonly number[],
  ) => Promise<readonly { readonly group: Group; readonly ids: readonly number[] }[]>;
};

export const alikeBinaries: AlikeReader<BinaryGroup> = readerOf(
  'binary_package',
  ['seen', 'distribution', 'release', 'component', 'architecture', 'status'],
  sql`binary_package`,
);

export const alikeSources: AlikeReader<SourceGroup> = readerOf(
  'source_package',
  ['seen', 'distribution', 'release', 'component', 'status', 'verdict', 'reason'],
  // Of what is reproducible no result is looked up: it is nearly all, and they lie all over the file.
  sql`(select source_package.id, source_package.seen, source_package.distribution, source_package.release,
      source_package.component, source_package.status, its.verdict, its.reason
    from source_package left join result as its on its.id = source_package.result_id
      and source_package.status in (${sql.join([...SHOWN_STATUSES])})) as source_package`,
);

function readerOf<Group extends { readonly packages: number }>(
  table: AlikeReader<Group>['table'],
  columns: readonly (keyof Group & string)[],
  rows: RawBuilder<unknown>,
): AlikeReader<Group> {
  const by = sql.join(columns.map((column) => sql.ref(`${table}.${column}`)));
  const read = async <More>(db: Queries, more: RawBuilder<unknown>, among?: readonly number[]) => {
    const which = all(among === undefined ? [] : [idAmong(db, `${table}.id`, among)]);
    const query = sql<Group & More>`select ${by}, count(*) as packages${more} from ${rows} ${which} group by ${by}`;
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
