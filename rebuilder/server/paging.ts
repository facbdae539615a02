import { canonicalJson, ReproofError, sha256Of } from '../../model/index.ts';
import type { Page, PageRequest } from '../store/page.ts';

/** What is asked of a list beside its filter. */
export type PageQuery<Column extends string> = {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly sort?: Column | undefined;
  readonly direction?: 'ascending' | 'descending' | undefined;
};

/** A part of a list as it is answered. */
export type Answer<Row> = { readonly total: number; readonly records: readonly Row[]; readonly next?: string };

const FILTER_CHARACTERS = 16;

/** What a cursor is of: a list's name, its filter, and the order where none is asked for. */
export type Listed = {
  readonly name: string;
  readonly filter: object;
  readonly fallback?: 'ascending' | 'descending';
};

/**
 * Which rows a query asks for, one more than are shown, which tells whether there is more; and the cursor that stands
 * after a row. A cursor names its row and, by digest, the list, filter and order it is of: in another list it is
 * REQUEST_INVALID.
 */
export function pageAsked<Column extends string>(
  query: PageQuery<Column>,
  list: Listed,
): { readonly page: PageRequest<Column>; readonly cursorAfter: (id: number) => string } {
  const { limit, sort } = query;
  const direction = query.direction ?? list.fallback ?? 'ascending';
  const about = sha256Of(canonicalJson([list.name, list.filter, sort ?? null, direction])).slice(0, FILTER_CHARACTERS);
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor, about);
  const page = {
    direction,
    limit: limit + 1,
    ...(sort === undefined ? {} : { sort }),
    ...(after === undefined ? {} : { after }),
  };
  return { page, cursorAfter: (id) => writeCursor(id, about) };
}

/** Reads a part of a list. */
export async function readPart<Column extends string, Row extends { readonly id: number }>(
  query: PageQuery<Column>,
  list: Listed,
  read: (page: PageRequest<Column>) => Promise<Page<Row>>,
): Promise<Answer<Row>> {
  const { page, cursorAfter } = pageAsked(query, list);
  const found = await read(page);
  const records = found.records.slice(0, query.limit);
  const last = records.at(-1);
  const more = found.records.length > query.limit && last !== undefined;
  return { total: found.total, records, ...(more ? { next: cursorAfter(last.id) } : {}) };
}

function writeCursor(id: number, about: string): string {
  return Buffer.from(`${id}.${about}`).toString('base64url');
}

function readCursor(cursor: string, about: string): number {
  const [, id, of] = /^([1-9]\d{0,9})\.([0-9a-f]{16})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (id === undefined || of !== about || Number(id) > 2_147_483_647)
    throw new ReproofError('REQUEST_INVALID', 'reading the cursor: it is not of this list, filter and order');
  return Number(id);
}

/** The same for a list that has one order. */
export function byId(query: Omit<PageQuery<'id'>, 'sort'>): PageQuery<'id'> {
  const { cursor, limit, direction } = query;
  return { cursor, limit, direction };
}

/** What is given, without what is not: filters have no undefined. */
export function given<Value extends object>(value: Value): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as {
    [Key in keyof Value]: Exclude<Value[Key], undefined>;
  };
}

/** Where packages come from, as a filter: `-` is no release. */
export function originOf(query: {
  readonly distribution?: string | undefined;
  readonly release?: string | undefined;
  readonly component?: string | undefined;
  readonly architecture?: string | undefined;
}) {
  const { distribution, component, architecture } = query;
  const release = query.release === '-' ? null : query.release;
  return given({ distribution, release, component, architecture });
}
