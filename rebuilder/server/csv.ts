import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { inertText } from './inert-text.ts';

/** A column of a table: its name in the first line, and what a row has in it. */
export type CsvColumn<Row> = readonly [name: string, cell: (row: Row) => string | number | boolean | undefined];

/** Rows that are read for one piece of an answer. */
const ROWS_AT_ONCE = 1_000;
/** Most rows of one answer. */
const MOST_ROWS = 1_000_000;
/** What spreadsheets take for a formula when a cell begins with it, their full-width forms included. */
const FORMULA = /^[\s\u00a0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/**
 * One line of CSV (RFC 4180). Text that a spreadsheet would take for a formula gets an apostrophe before it; what moves
 * a terminal is written out as \xHH.
 */
export function csvLine(cells: readonly (string | number | boolean | undefined)[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

function cellText(cell: string | number | boolean | undefined): string {
  if (cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  const harmless = FORMULA.test(cell) ? `'${cell}` : cell;
  const text = inertText(harmless.toWellFormed());
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Answers with a list as CSV, read in pieces while the client takes them: others are served in between, and memory does
 * not grow with the list. `read` gives up to `limit` rows behind the one of an id, or all of a short list at once.
 */
export function sendCsv<Row>(
  reply: FastifyReply,
  { name, columns }: { readonly name: string; readonly columns: readonly CsvColumn<Row>[] },
  read: (page: { readonly limit: number; readonly after?: number }) => Promise<{ readonly records: readonly Row[] }>,
): FastifyReply {
  return reply
    .type('text/csv; charset=utf-8; header=present')
    .header('content-disposition', `attachment; filename="${name}.csv"`)
    .send(Readable.from(lines(columns, read), { objectMode: false }));
}

async function* lines<Row>(
  columns: readonly CsvColumn<Row>[],
  read: (page: { readonly limit: number; readonly after?: number }) => Promise<{ readonly records: readonly Row[] }>,
): AsyncGenerator<string> {
  yield csvLine(columns.map(([name]) => name));
  let after: number | undefined;
  for (let rows = 0; rows < MOST_ROWS; ) {
    const { records } = await read({ limit: ROWS_AT_ONCE, ...(after === undefined ? {} : { after }) });
    yield records.map((row) => csvLine(columns.map(([, cell]) => cell(row)))).join('');
    rows += records.length;
    const last = records.at(-1) as { readonly id?: number } | undefined;
    if (records.length < ROWS_AT_ONCE || last?.id === undefined) return;
    after = last.id;
  }
}
