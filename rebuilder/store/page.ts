/**
 * Which part of a list: rows in the order of `sort` (and id), `limit` of them (undefined: all), after or before the row
 * of an id. A cursor whose row is not there gives an empty page.
 */
export type PageRequest<Column extends string> = {
  readonly sort?: Column;
  readonly direction?: 'ascending' | 'descending';
  readonly after?: number;
  readonly before?: number;
  readonly limit?: number;
};

/** `total` counts the whole list, whatever part was asked for. */
export type Page<Row> = { readonly total: number; readonly records: readonly Row[] };

/** Where packages come from; what is not given is not looked at. `release` null: those of no release. */
export type OriginFilter = {
  readonly distribution?: string;
  readonly release?: string | null;
  readonly component?: string;
  readonly architecture?: string;
};

export const STATUSES = ['GOOD', 'BAD', 'FAIL', 'UNKWN'] as const;
/** A verdict as rebuilderd's clients know it: FAIL says something of us, UNKWN that nothing is known. */
export type Status = (typeof STATUSES)[number];
