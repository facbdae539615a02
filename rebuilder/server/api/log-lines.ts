import type { App, ServerContext } from '../context.ts';
import { findLog, withText } from '../rebuild-parts.ts';
import { failure, idParams } from '../schemas/fields.ts';
import {
  logLinesQuery,
  logOutlineQuery,
  logSearchQuery,
  textMatches,
  textOutline,
  textPage,
} from '../schemas/pieces.ts';
import { TEXT_PAGE } from './differences.ts';

/** How much of a line is told where it was searched for. */
export const MATCH_CHARACTERS = 300;

/** Logs of ended builds, a part at a time. */
export function registerLogLines(app: App, context: ServerContext): void {
  const onRequest = context.access.require('reader');
  const tags = ['rebuilds'];

  app.get(
    '/api/rebuilds/:id/log/lines',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Lines of a log from a number on; long ones are cut, and say by how many characters',
        params: idParams,
        querystring: logLinesQuery,
        response: { 200: textPage, '4xx': failure },
      },
    },
    async ({ params, query }) =>
      withText(context, await findLog(context, params.id, query.build), async (reader) => ({
        ...(await reader.lines(query.from, { lines: query.limit, ...TEXT_PAGE })),
        total: reader.outline.lines,
      })),
  );

  app.get(
    '/api/rebuilds/:id/log/outline',
    {
      onRequest,
      schema: {
        tags,
        summary: 'How long a log is, where its parts begin, and lines that look like errors',
        params: idParams,
        querystring: logOutlineQuery,
        response: { 200: textOutline, '4xx': failure },
      },
    },
    async ({ params, query }) =>
      withText(context, await findLog(context, params.id, query.build), async ({ outline }) => outline),
  );

  app.get(
    '/api/rebuilds/:id/log/search',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Lines of a log that hold some words; `next` is where to search on',
        params: idParams,
        querystring: logSearchQuery,
        response: { 200: textMatches, '4xx': failure },
      },
    },
    async ({ params, query: { text, from, limit, build } }) =>
      withText(context, await findLog(context, params.id, build), (reader) =>
        reader.search(text, { from, limit, characters: MATCH_CHARACTERS }),
      ),
  );
}
