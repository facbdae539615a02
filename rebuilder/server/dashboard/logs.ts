import { z } from 'zod';
import { inertText, jobPage, LINES_BEFORE, logPage, logPart, renderPart } from '../../../dashboard/index.ts';
import { ReproofError } from '../../../model/index.ts';
import { TEXT_PAGE } from '../api/differences.ts';
import { MATCH_CHARACTERS } from '../api/log-lines.ts';
import { logOf, readRebuild, withText } from '../rebuild-parts.ts';
import { idParams } from '../schemas/fields.ts';
import { PAGE_HEADERS, type Pages } from './site.ts';

const LINES = 400;
const MATCHES = 100;
const COLOURS = /\u001b\[[0-9;:]*m/g;

const line = z.coerce.number().int().min(1).max(2_147_483_647);
/** `line`: one line or a range that is gone to and marked. `after`: where a search goes on. */
const logQuery = z.strictObject({
  from: line.default(1),
  line: z
    .string()
    .regex(/^\d{1,9}(?:-\d{1,9})?$/, 'it has to be a number, or two with a dash between them')
    .optional(),
  search: z.string().max(200).optional(),
  after: line.default(1),
  build: z.enum(['first', 'control']).default('first'),
  part: z.literal('1').optional(),
});

/** Logs: of ended builds by pages, and of builds that run. */
export const logPages: Pages = (app, site) => {
  const onRequest = site.reader;

  app.get(
    '/rebuilds/:id/log',
    { onRequest, schema: { hide: true, params: idParams, querystring: logQuery } },
    async (request, reply) => {
      const { query } = request;
      const parts = await readRebuild(site, request.params.id);
      const { id, source, version, architecture, log } = parts.result;
      const marked = rangeOf(query.line);
      const from = marked === undefined ? query.from : Math.max(1, marked.first - LINES_BEFORE);
      return withText(site, logOf(parts, query.build), async (reader) => {
        const part = await reader.lines(from, { lines: LINES, ...TEXT_PAGE });
        const text = query.search === undefined || query.search === '' ? undefined : query.search;
        const found =
          text === undefined
            ? undefined
            : await reader.search(text, { from: query.after, limit: MATCHES, characters: MATCH_CHARACTERS });
        const values = {
          rebuild: id,
          source,
          version,
          architecture,
          build: query.build,
          hasControl: logOf(parts, 'control') !== undefined,
          truncated: query.build === 'first' && log?.truncated === true,
          outline: reader.outline,
          from,
          ...(marked === undefined ? {} : { marked }),
          part: { ...part, total: reader.outline.lines },
          ...(text === undefined || found === undefined ? {} : { search: { text, ...found } }),
        };
        const frame = site.frame(request);
        if (query.part === undefined) return site.send(request, reply, logPage(frame, values));
        return reply
          .headers(PAGE_HEADERS)
          .type('text/html; charset=utf-8')
          .send(renderPart(logPart(frame, values)));
      });
    },
  );

  app.get('/jobs/:id', { onRequest, schema: { hide: true, params: idParams } }, async (request, reply) => {
    const { id } = request.params;
    const job = await site.store.jobs.job(id);
    if (job === undefined) {
      const result = await site.store.results.resultOfJob(id);
      if (result === undefined)
        throw new ReproofError('RESOURCE_UNKNOWN', 'looking up a job: it has ended, or there never was one');
      return reply.redirect(`${site.basePath}/rebuilds/${result.id}`, 303);
    }
    const recent = site.liveLogs.recent(id);
    const live = recent && {
      text: inertText(Buffer.from(recent.bytes).toString('utf8').replace(COLOURS, '')),
      next: recent.offset + recent.bytes.length,
      begins: recent.offset === 0,
    };
    reply.header('cache-control', 'no-store');
    return site.send(request, reply, jobPage(site.frame(request), job, live));
  });
};

function rangeOf(text: string | undefined): { readonly first: number; readonly last: number } | undefined {
  if (text === undefined) return undefined;
  const [first = 1, second = first] = text.split('-').map(Number);
  return first <= second ? { first, last: second } : { first: second, last: first };
}
