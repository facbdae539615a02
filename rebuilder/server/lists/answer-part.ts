import type { FastifyReply } from 'fastify';
import { type Listed, type PageQuery, pageAsked } from '../paging.ts';
import type { AskPart } from './ask.ts';

/** Answers a part of a list in our own form: {"total", "records", "next"}, as the schema `pageOf` says. */
export async function answerPart<Column extends string>(
  reply: FastifyReply,
  asked: { readonly query: PageQuery<Column>; readonly list: Listed },
  ask: AskPart<Column>,
): Promise<never> {
  const { query, list } = asked;
  const { page, cursorAfter } = pageAsked(query, list);
  const { total, rows, count, last } = await ask(page, { words: 'ours', atMost: query.limit });
  const next = count > query.limit && last !== undefined ? `,"next":${JSON.stringify(cursorAfter(last))}` : '';
  const body = Buffer.concat([Buffer.from(`{"total":${total},"records":[`), rows, Buffer.from(`]${next}}`)]);
  // Bytes are sent as they are: fastify's types only know what it would make JSON of.
  return reply.type('application/json; charset=utf-8').send(body) as never;
}
