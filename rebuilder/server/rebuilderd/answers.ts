import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { ReproofError } from '../../../model/index.ts';
import type { Page, PageRequest } from '../../store/page.ts';
import type { App } from '../context.ts';
import { tellError } from '../errors.ts';
import { isLong } from './queries.ts';

const PIECE = 1_000;

/** How each generation tells failures: status lines that its clients print, and the bodies that some look for. */
export function tellAs(app: App, generation: 'v0' | 'v1'): void {
  app.setErrorHandler(async (error, _request, reply) => {
    const told = tellError(error);
    const status = told.status === 401 ? 403 : told.status;
    if (status >= 500) app.log.error(error);
    if (status === 413) reply.header('connection', 'close');
    if (status === 429 || status === 503) reply.header('retry-after', status === 429 ? '60' : '5');
    reply.code(status).header('cache-control', 'no-store').type('text/plain; charset=utf-8');
    if (generation === 'v0' && status === 404) return reply.send('Not found\n');
    if (status === 403) return reply.send(generation === 'v0' ? 'Authentication failed\n' : '');
    return reply.send(generation === 'v1' && status === 404 ? '' : `${told.message}\n`);
  });
}

/** What is there, or the answer 404. */
export function found<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new ReproofError('RESOURCE_UNKNOWN', `looking for ${what}: there is none`);
  return value;
}

/** A list in the form of version 1: {"total", "records"}. A long one is sent as it is read, and memory stays flat. */
export async function answerList<Row extends { readonly id: number }, Column extends string>(
  reply: FastifyReply,
  list: {
    readonly page: PageRequest<Column> | undefined;
    readonly read: (page: PageRequest<Column>) => Promise<Page<Row>>;
    readonly view: (row: Row) => object;
  },
): Promise<unknown> {
  const { page, read, view } = list;
  if (page === undefined)
    throw new ReproofError('REQUEST_INVALID', 'reading the sort column: the list has no such one');
  if (!isLong(page) || page.before !== undefined) {
    const { total, records } = await read(page);
    return { total, records: records.map(view) };
  }
  const first = await read({ ...page, limit: Math.min(PIECE, page.limit ?? PIECE) });
  const body = pieces(first, { page, read, view });
  return reply.type('application/json').send(Readable.from(body, { objectMode: false }));
}

async function* pieces<Row extends { readonly id: number }, Column extends string>(
  first: Page<Row>,
  list: {
    readonly page: PageRequest<Column>;
    readonly read: (page: PageRequest<Column>) => Promise<Page<Row>>;
    readonly view: (row: Row) => object;
  },
): AsyncGenerator<string> {
  yield `{"total":${first.total},"records":[`;
  let left = list.page.limit ?? Number.POSITIVE_INFINITY;
  let separator = '';
  for (let { records } = first; records.length > 0; ) {
    yield separator + innerJson(records.map(list.view));
    separator = ',';
    left -= records.length;
    const after = records.at(-1)?.id;
    if (left <= 0 || after === undefined) break;
    ({ records } = await list.read({ ...list.page, after, limit: Math.min(PIECE, left) }));
  }
  yield ']}';
}

/** A list of values in JSON, without its brackets. */
export function innerJson(values: readonly unknown[]): string {
  return JSON.stringify(values).slice(1, -1);
}
