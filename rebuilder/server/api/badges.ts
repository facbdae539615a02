import { z } from 'zod';
import type { Status } from '../../store/page.ts';
import type { App, ServerContext } from '../context.ts';
import { escapeMarkup } from '../escape-markup.ts';
import { originOf } from '../paging.ts';
import { content, failure, word } from '../schemas/fields.ts';

const LOOKS: Readonly<Record<Status | 'none', readonly [words: string, colour: string]>> = {
  GOOD: ['reproducible', '#2e7d32'],
  BAD: ['unreproducible', '#b71c1c'],
  FAIL: ['not known', '#616161'],
  UNKWN: ['not known', '#616161'],
  none: ['not tried', '#616161'],
};
const LABEL = 'reproof';
const CHARACTER_PIXELS = 6.6;
const PADDING_PIXELS = 12;

/** A picture of a source package's state, for pages elsewhere. `release`: `-` for none. */
export function registerBadges(app: App, { store, access }: ServerContext): void {
  app.get(
    '/api/badge/:distribution/:release/:file',
    {
      onRequest: access.require('reader'),
      schema: {
        tags: ['feeds'],
        summary: 'SOURCE.svg: whether the source package of a release is reproducible',
        params: z.object({ distribution: word, release: word, file: word.regex(/\.svg$/, 'it has to end in .svg') }),
        response: { 200: content('image/svg+xml', 'a badge'), '4xx': failure },
      },
    },
    async ({ params }, reply) => {
      const name = params.file.slice(0, -'.svg'.length);
      const { records } = await store.packages.sourcePackages(
        { ...originOf({ distribution: params.distribution, release: params.release }), name, seenOnly: true },
        { direction: 'descending', limit: 1 },
      );
      const [found] = records;
      return reply
        .header('cache-control', 'max-age=300')
        .type('image/svg+xml')
        .send(badge(name, found === undefined ? 'none' : (found.status ?? 'none')));
    },
  );
}

function badge(source: string, status: Status | 'none'): string {
  const [words, colour] = LOOKS[status];
  const left = width(LABEL);
  const right = width(words);
  const whole = left + right;
  const title = escapeMarkup(`${source}: ${words}`);
  const text = (at: number, what: string) => `<text x="${at}" y="14">${escapeMarkup(what)}</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${whole}" height="20" role="img" aria-label="${title}">` +
    `<title>${title}</title><rect width="${left}" height="20" fill="#424242"/>` +
    `<rect x="${left}" width="${right}" height="20" fill="${colour}"/>` +
    `<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">` +
    `${text(left / 2, LABEL)}${text(left + right / 2, words)}</g></svg>\n`
  );
}

function width(text: string): number {
  return Math.round(text.length * CHARACTER_PIXELS) + PADDING_PIXELS;
}
