import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { PageRequest } from './page.ts';

/** A list's order: a column of its table (or of an expression that is never null), then the id. */
export type ListOrder = {
  readonly by: RawBuilder<unknown>;
  readonly id: RawBuilder<unknown>;
  readonly descending: boolean;
};

/** The row that a cursor names: its value of the sort column, and its id. */
export type CursorRow = { readonly value: string | number; readonly id: number };

/** Which rows come after (or before) a cursor's row in an order. */
export function beyond(order: ListOrder, row: CursorRow, side: 'after' | 'before'): RawBuilder<SqlBool> {
  const sign = (side === 'after') !== order.descending ? sql`>` : sql`<`;
  if (order.by === order.id) return sql<SqlBool>`${order.id} ${sign} ${row.id}`;
  return sql<SqlBool>`(${order.by}, ${order.id}) ${sign} (${row.value}, ${row.id})`;
}

/** Which way a page is read, and whether its rows then have to be turned round: the rows before a cursor are the nearest. */
export function reading<Column extends string>(page: PageRequest<Column>): { descending: boolean; turned: boolean } {
  const descending = page.direction === 'descending';
  const turned = page.before !== undefined && page.after === undefined;
  return { descending: descending !== turned, turned };
}

/** The order of a page as SQL. */
export function orderSql(order: ListOrder, descending: boolean): RawBuilder<unknown> {
  const direction = descending ? sql`desc` : sql`asc`;
  if (order.by === order.id) return sql`${order.id} ${direction}`;
  return sql`${order.by} ${direction}, ${order.id} ${direction}`;
}

/** A page's limit as a database takes it: undefined, negative or absurd limits read everything. */
export function limitOf<Column extends string>(page: PageRequest<Column>): number {
  const { limit } = page;
  return limit === undefined || limit < 0 || limit > MOST ? MOST : Math.trunc(limit);
}

const MOST = 2 ** 31 - 1;
