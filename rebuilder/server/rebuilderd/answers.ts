import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { ReproofError } from '../../../model/index.ts';
import type { PageRequest } from '../../store/page.ts';
import type { App } from '../context.ts';
import { tellError } from '../errors.ts';
import type { AskPart, ListPart } from '../lists/index.ts';
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
export async function answerList<Column extends string>(
  reply: FastifyReply,
  page: PageRequest<Column> | undefined,
  ask: AskPart<Column>,
): Promise<unknown> {
  if (page === undefined)
    throw new ReproofError('REQUEST_INVALID', 'reading the sort column: the list has no such one');
  reply.type('application/json; charset=utf-8');
  if (!isLong(page) || page.before !== undefined) {
    const { total, rows } = await ask(page, { words: 'v1' });
    return reply.send(Buffer.concat([Buffer.from(`{"total":${total},"records":[`), rows, Buffer.from(']}')]));
  }
  const first = await ask({ ...page, limit: Math.min(PIECE, page.limit ?? PIECE) }, { words: 'v1' });
  return reply.send(Readable.from(pieces(first, page, ask), { objectMode: false }));
}

async function* pieces<Column extends string>(
  first: ListPart,
  page: PageRequest<Column>,
  ask: AskPart<Column>,
): AsyncGenerator<Buffer> {
  yield Buffer.from(`{"total":${first.total},"records":[`);
  let left = page.limit ?? Number.POSITIVE_INFINITY;
  let separator = '';
  for (let part = first; part.count > 0; ) {
    if (separator !== '') yield Buffer.from(separator);
    yield Buffer.from(part.rows.buffer, part.rows.byteOffset, part.rows.byteLength);
    separator = ',';
    left -= part.count;
    if (left <= 0 || part.last === undefined) break;
    part = await ask({ ...page, after: part.last, limit: Math.min(PIECE, left) }, { words: 'v1' });
  }
  yield Buffer.from(']}');
}

/** A list of values in JSON, without its brackets. */
export function innerJson(values: readonly unknown[]): string {
  return JSON.stringify(values).slice(1, -1);
}
