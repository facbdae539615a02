import { setImmediate } from 'node:timers/promises';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Database, Queries } from './database.ts';
import { isPostgres } from './migrations/dialect.ts';
import type { Page, PageRequest } from './page.ts';
import { beyond, type CursorRow, type ListOrder, limitOf, orderSql, reading } from './paging.ts';
import type { Tables } from './tables.ts';

/** Names a column in a condition. */
export type ColumnRef = (column: string) => RawBuilder<unknown>;
/** A condition, made for the columns as it names them. */
export type Term = (column: ColumnRef) => RawBuilder<SqlBool>;

/** A list of a table's rows: which, in what order, and how its ids become what is given. */
export type ListRequest<Row> = {
  readonly table: keyof Tables & string;
  /** What each row has to fulfil. */
  readonly terms: readonly Term[];
  /**
   * A condition whose index also has the rows in the list's order, as the values it may have: each is read along that
   * index, looking at the `rest` of the conditions. Undefined: the order's own index is.
   */
  readonly along?: { readonly values: readonly Term[]; readonly rest: readonly Term[] };
  /** The same conditions, where few rows fulfil them: only those that have the best index may use one. Undefined: any may. */
  readonly finding?: (db: Queries) => readonly RawBuilder<SqlBool>[];
  /** The sort column, in SQL never null; `id` for the order of ids. */
  readonly by: RawBuilder<unknown> | 'id';
  readonly page: PageRequest<string>;
  /** How many rows there are: it also decides how they are read. */
  readonly total: number;
  /** Rows of these ids, in any order. */
  readonly rows: (db: Queries, ids: readonly number[]) => Promise<readonly (Row & { readonly id: number })[]>;
};

/** How many rows are read in one go: in between, others are served who would wait for a page of a thousand. */
const ROWS_AT_ONCE = 250;
/** So few rows are found by an index of their conditions and then sorted; of more, an index in their order meets enough soon. */
const FEW = 1_500;

/** Reads one page of a list: first the ids, by an index where there is one, then the rows of those. */
export async function readPage<Row>(database: Database, request: ListRequest<Row>): Promise<Page<Row>> {
  const doing = doingOf(request);
  const ids = await readPageIds(database, request);
  const found = new Map<number, Row>();
  for (let at = 0; at < ids.length; at += ROWS_AT_ONCE) {
    if (at > 0) await setImmediate();
    const piece = ids.slice(at, at + ROWS_AT_ONCE);
    for (const row of await database.read(doing, (db) => request.rows(db, piece))) found.set(row.id, row);
  }
  const records = ids.map((id) => found.get(id)).filter((row) => row !== undefined);
  return { total: request.total, records };
}

/** Reads the ids of one page of a list, in its order. */
export async function readPageIds<Row>(database: Database, request: ListRequest<Row>): Promise<readonly number[]> {
  return request.total === 0 ? [] : database.read(doingOf(request), (db) => pageIds(db, request));
}

function doingOf({ table }: ListRequest<unknown>): string {
  return `listing ${table.replace('_', ' ')}s`;
}

async function pageIds(db: Queries, request: ListRequest<unknown>): Promise<number[]> {
  const { table, by, page, terms } = request;
  const id = sql.ref(`${table}.id`);
  const order: ListOrder = { by: by === 'id' ? id : by, id, descending: page.direction === 'descending' };
  const cursor: RawBuilder<SqlBool>[] = [];
  for (const side of ['after', 'before'] as const) {
    const named = page[side];
    if (named === undefined) continue;
    const row = await cursorRow(db, { table, order, cursor: named });
    if (row === undefined) return [];
    cursor.push(beyond(order, row, side));
  }
  const { descending, turned } = reading(page);
  const rank = orderSql(order, descending);
  const { rows } = await (request.total <= FEW && terms.length > 0
    ? sql<{
        id: number;
      }>`with found as materialized (select ${id} as id from ${sql.table(table)} ${all(request.finding?.(db) ?? termsOf(terms, finding(db)))})
        select ${id} as id from ${sql.table(table)} ${all([sql<SqlBool>`${id} in (select id from found)`, ...cursor])}
        order by ${rank} limit ${limitOf(page)}`
    : walk(db, request, { order, cursor, rank })
  ).execute(db);
  const ids = rows.map((row) => row.id);
  return turned ? ids.reverse() : ids;
}

type Walk = {
  readonly order: ListOrder;
  readonly cursor: readonly RawBuilder<SqlBool>[];
  readonly rank: RawBuilder<unknown>;
};

/** Reads along an index that is in the list's order, and looks at each row's other conditions. */
function walk(db: Queries, request: ListRequest<unknown>, { order, cursor, rank }: Walk): RawBuilder<{ id: number }> {
  const { table, page, terms, along } = request;
  const rest = termsOf(along?.rest ?? terms, guarded(db));
  const branch = (first: readonly RawBuilder<SqlBool>[]) =>
    sql`select ${order.id} as id, ${order.by} as rank from ${sql.table(table)} ${all([...first, ...cursor, ...rest])}
      order by ${rank} limit ${limitOf(page)}`;
  if (along === undefined) return sql`select id from (${branch([])}) as only_branch`;
  const branches = along.values.map(
    (term, at) => sql`select * from (${branch([term(plain)])}) as ${sql.id(`branch_${at}`)}`,
  );
  const direction = reading(page).descending ? sql`desc` : sql`asc`;
  return sql`select id from (${sql.join(branches, sql` union all `)}) as branches
    order by rank ${direction}, id ${direction} limit ${limitOf(page)}`;
}

const plain: ColumnRef = (column) => sql.ref(column);

/**
 * A column whose index is not used for a condition. SQLite takes any index that a condition names, and sorts what it
 * finds, however much that is; PostgreSQL knows how much it would be.
 */
export function guarded(db: Queries): ColumnRef {
  return isPostgres(db as never) ? plain : (column) => sql`+${sql.ref(column)}`;
}

/**
 * A column whose index may find rows, unless it says too little: nearly all packages are seen, and SQLite, which cannot
 * know, would look at each of them rather than at the few of a name.
 */
export function finding(db: Queries): ColumnRef {
  const guard = guarded(db);
  return (column) => (column.endsWith('.seen') ? guard(column) : plain(column));
}

/** That a column has one of these ids: one statement for however many, which is prepared once. */
export function idAmong(db: Queries, column: string, ids: readonly number[]): RawBuilder<SqlBool> {
  return isPostgres(db as never)
    ? sql<SqlBool>`${sql.ref(column)} = any(${ids}::bigint[])`
    : sql<SqlBool>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(ids)}))`;
}

/** Conditions on their columns as they are. */
export function termsOf(terms: readonly Term[], column: ColumnRef = plain): RawBuilder<SqlBool>[] {
  return terms.map((term) => term(column));
}

/** A `where` of all conditions; nothing without any. */
export function all(conditions: readonly RawBuilder<SqlBool>[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`` : sql`where ${sql.join([...conditions], sql` and `)}`;
}

/** That a column has a value. */
export function equals(column: string, value: string | number): Term {
  return (ref) => sql<SqlBool>`${ref(column)} = ${value}`;
}

/** That a column has one of these texts: one statement for however many, which is prepared once. */
export function textAmong(dialect: Database['dialect'], column: string, texts: readonly string[]): Term {
  return (ref) =>
    dialect === 'postgres'
      ? sql<SqlBool>`${ref(column)} = any(${texts}::text[])`
      : sql<SqlBool>`${ref(column)} in (select value from json_each(${JSON.stringify(texts)}))`;
}

/** The same of ids, as a term of a list. */
export function idsAmong(dialect: Database['dialect'], column: string, ids: readonly number[]): Term {
  return (ref) =>
    dialect === 'postgres'
      ? sql<SqlBool>`${ref(column)} = any(${ids}::bigint[])`
      : sql<SqlBool>`${ref(column)} in (select value from json_each(${JSON.stringify(ids)}))`;
}

/** That a column has one of these values; null is a value like others. */
export function oneOf(column: string, values: readonly (string | number | null)[]): Term {
  const known = values.filter((value) => value !== null);
  const [only, ...others] = known;
  return (ref) => {
    const is = sql<SqlBool>`${ref(column)} is null`;
    if (only === undefined) return values.length === 0 ? sql<SqlBool>`1 = 0` : is;
    const among =
      others.length === 0
        ? sql<SqlBool>`${ref(column)} = ${only}`
        : sql<SqlBool>`${ref(column)} in (${sql.join(known)})`;
    return known.length === values.length ? among : sql<SqlBool>`(${among} or ${is})`;
  };
}

async function cursorRow(
  db: Queries,
  at: { readonly table: string; readonly order: ListOrder; readonly cursor: number },
): Promise<CursorRow | undefined> {
  const { table, order, cursor } = at;
  const { rows } = await sql<CursorRow>`select ${order.by} as value, ${order.id} as id from ${sql.table(table)}
    where ${order.id} = ${cursor}`.execute(db);
  return rows[0];
}
