import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Result, ResultFilter } from '../../store/results/types.ts';
import type { App, ServerContext } from '../context.ts';
import { escapeMarkup } from '../escape-markup.ts';
import { given, originOf } from '../paging.ts';
import { content, failure, listOf, originQuery, word } from '../schemas/fields.ts';

const ENTRIES = 100;
/** Read for them: what decides nothing is no entry. */
const ROWS = 500;

const feedQuery = z.strictObject({
  ...originQuery,
  name: word.optional(),
  status: listOf(['GOOD', 'BAD', 'FAIL', 'UNKWN']).optional(),
});

/** Atom feeds (RFC 4287) of what was found, newest first. */
export function registerFeeds(app: App, context: ServerContext): void {
  const { store, access } = context;
  for (const [name, title, change] of [
    ['verdicts', 'Verdicts', undefined],
    ['regressions', 'Regressions', ['regression'] as const],
  ] as const)
    app.get(
      `/api/feeds/${name}.atom`,
      {
        onRequest: access.require('reader'),
        schema: {
          tags: ['feeds'],
          summary: `${title}, newest first, as Atom`,
          querystring: feedQuery,
          response: { 200: content('application/atom+xml', 'a feed'), '4xx': failure },
        },
      },
      async (request, reply) => {
        const { name: source, status } = request.query;
        const filter = { ...originOf(request.query), ...given({ name: source, status, change }) };
        const entries = await newest(store, filter);
        const site = siteOf(request, context);
        return reply
          .type('application/atom+xml; charset=utf-8')
          .send(feed({ title, site, self: `${site.address}/api/feeds/${name}.atom`, tag: name }, entries));
      },
    );
}

/** The newest results that decide something, of the last `ROWS`. */
async function newest({ results }: ServerContext['store'], filter: ResultFilter): Promise<readonly Result[]> {
  const entries: Result[] = [];
  let after: number | undefined;
  for (let read = 0; read < ROWS && entries.length < ENTRIES; read += ENTRIES) {
    const { records } = await results.results(filter, { direction: 'descending', limit: ENTRIES, ...given({ after }) });
    entries.push(...records.filter((result) => result.decides));
    after = records.at(-1)?.id;
    if (records.length < ENTRIES) break;
  }
  return entries.slice(0, ENTRIES);
}

type Site = { readonly address: string; readonly authority: string };

/** Where readers find us. Ids hang on the address that is set, and on no header a client sends. */
function siteOf(request: FastifyRequest, { publicUrl, basePath }: ServerContext): Site {
  const address = publicUrl ?? `${request.protocol}://${request.host}${basePath}`;
  return { address, authority: publicUrl === undefined ? 'reproof.invalid' : new URL(publicUrl).hostname };
}

function feed(
  about: { readonly title: string; readonly site: Site; readonly self: string; readonly tag: string },
  results: readonly Result[],
): string {
  const updated = results[0]?.builtAt ?? '1970-01-01T00:00:00Z';
  // Tag URIs, RFC 4151: the same for good.
  const tag = (rest: string) => escapeMarkup(`tag:${about.site.authority},2026:${rest}`);
  const entries = results.map((result) => {
    const place = `${result.distribution}${result.release === undefined ? '' : `/${result.release}`}`;
    const what = `${result.source} ${result.version} (${place}, ${result.architecture})`;
    const link = `${about.site.address}/rebuilds/${result.id}`;
    return [
      '  <entry>',
      `    <id>${tag(`rebuild/${result.id}`)}</id>`,
      `    <title>${escapeMarkup(`${result.verdict}: ${what}`)}</title>`,
      `    <updated>${escapeMarkup(result.builtAt)}</updated>`,
      `    <link rel="alternate" href="${escapeMarkup(link)}"/>`,
      `    <category term="${escapeMarkup(result.verdict)}"/>`,
      `    <summary>${escapeMarkup(summaryOf(result))}</summary>`,
      '  </entry>',
    ].join('\n');
  });
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `  <id>${tag(`feed/${about.tag}`)}</id>`,
    `  <title>${escapeMarkup(about.title)}</title>`,
    `  <updated>${escapeMarkup(updated)}</updated>`,
    `  <author><name>reproof</name></author>`,
    `  <link rel="self" href="${escapeMarkup(about.self)}"/>`,
    ...entries,
    '</feed>',
    '',
  ].join('\n');
}

function summaryOf(result: Result): string {
  const change = result.change === undefined || result.change === 'same' ? '' : ` (${result.change})`;
  const reason = result.reason === undefined ? '' : `: ${result.reason}`;
  return `${result.verdict}${reason}${change}`;
}
