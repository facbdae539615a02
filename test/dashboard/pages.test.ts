import { describe, expect, it } from 'vitest';
import {
  errorPage,
  type Frame,
  overviewPage,
  type Page,
  packagePage,
  packagesPage,
  readingPage,
  renderPage,
} from '../../dashboard/index.ts';
import { wordOf } from '../../dashboard/parts/verdict.ts';

const HOSTILE = `x"'><script>alert(1)</script>\u202e\u0007\u0000\u200b\ud800${'a'.repeat(300)}`;
const frame: Frame = {
  basePath: '/amd64',
  publicUrl: 'https://rebuilds.example.org/amd64',
  version: '1.2.3',
  now: new Date('2026-11-29T12:00:00Z'),
  stylesheet: '/amd64/assets/reproof-0.css',
  icon: '/amd64/assets/icon-0.svg',
  islands: { copy: '/amd64/assets/copy-0.js', filter: '/amd64/assets/filter-0.js' },
};

const place = { distribution: HOSTILE, release: HOSTILE, architecture: HOSTILE };
const built = { ...place, source: HOSTILE, version: HOSTILE };
const judged = { status: 'BAD', verdict: HOSTILE, reason: HOSTILE } as const;

const pages: Readonly<Record<string, Page>> = {
  overview: overviewPage(frame, {
    places: [{ ...place, good: 3, bad: 1, fail: 1, unknown: 1 }],
    days: [{ ...place, day: '2026-11-22', good: 2, bad: 1 }],
    regressions: [{ ...built, id: 1, builtAt: HOSTILE, before: 4 }],
    building: [{ ...built, id: 1, leasedAt: HOSTILE, stage: HOSTILE }],
    queue: { running: 1, available: 2, pending: 3, paused: true },
    causes: [{ ...place, cause: HOSTILE, packages: 3 }],
    reasons: [{ ...place, verdict: HOSTILE, reason: HOSTILE, packages: 3 }],
    attempts: [{ day: '2026-11-22', verdict: HOSTILE, reason: HOSTILE, attempts: 3 }],
    staleSince: '2026-11-01T00:00:00Z',
  }),
  packages: packagesPage(frame, {
    query: { name: HOSTILE, maintainer: HOSTILE, release: HOSTILE, architecture: HOSTILE, cause: HOSTILE },
    total: 1,
    rows: [
      {
        ...place,
        ...judged,
        name: HOSTILE,
        version: HOSTILE,
        maintainer: HOSTILE,
        resultId: 1,
        builtAt: 'x',
        causes: [HOSTILE],
      },
    ],
    next: HOSTILE,
    later: true,
    distributions: [HOSTILE, 'b'],
    releases: [HOSTILE],
    architectures: [HOSTILE],
    api: { 'name-starts-with': HOSTILE },
  }),
  package: packagePage(frame, {
    ...place,
    name: HOSTILE,
    component: HOSTILE,
    maintainer: HOSTILE,
    builds: [{ ...judged, version: HOSTILE, architecture: HOSTILE, seen: true, resultId: 1 }],
    olderVersions: 2,
    attempts: [{ ...judged, id: 1, version: HOSTILE, architecture: HOSTILE, builtAt: HOSTILE, detail: HOSTILE }],
    attemptsTotal: 5,
    causes: new Map([[1, [HOSTILE, 'timestamp']]]),
    details: new Map([[1, HOSTILE]]),
    alsoIn: [HOSTILE],
  }),
  reading: readingPage(frame),
  error: errorPage(frame, { status: 400, code: HOSTILE, message: HOSTILE }),
};

const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*(\/?)>/gi;
const VOID = new Set(['meta', 'link', 'input', 'img', 'br', 'hr']);

/** Tags of a page, closed in the order they were opened; throws where they are not. */
function tagsOf(html: string): readonly { readonly name: string; readonly attributes: string }[] {
  const open: string[] = [];
  const tags: { name: string; attributes: string }[] = [];
  for (const [, closing, name = '', attributes = '', own] of html.matchAll(TAG)) {
    if (closing === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes another element`);
      continue;
    }
    tags.push({ name, attributes });
    if (own !== '/' && !VOID.has(name)) open.push(name);
  }
  if (open.length > 0) throw new Error(`${open.join(' ')} stay open`);
  return tags;
}

describe.each(Object.entries(pages))('the page %s, with hostile names everywhere', (_, page) => {
  const html = renderPage(frame, page);
  const tags = tagsOf(html);

  it('runs nothing, and holds no style', () => {
    const scripts = tags.filter(({ name }) => name === 'script');
    expect(
      scripts.every(({ attributes }) => /^ type="module" src="\/amd64\/assets\/[a-z]+-0\.js"$/.test(attributes)),
    ).toBe(true);
    expect(tags.some(({ attributes }) => /\s(?:style|on\w+)=/.test(attributes.replace(/"[^"]*"/g, '""')))).toBe(false);
    expect(html).not.toMatch(/<style|javascript:|<script>alert/i);
  });

  it('holds no character that cannot be seen', () => {
    // What a field was filled with goes back as it is.
    const shown = html.replaceAll(/ value="[^"]*"/g, '');
    expect(shown.search(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/)).toBe(
      -1,
    );
    expect(html.search(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)).toBe(-1);
    expect(html.isWellFormed()).toBe(true);
  });

  it('stays below its base path, but for what it was told to show', () => {
    const addresses = tags.flatMap(({ attributes }) =>
      [...attributes.matchAll(/\s(?:href|src|action)="([^"]*)"/g)].map(([, to = '']) => to),
    );
    expect(addresses.length).toBeGreaterThan(5);
    expect(addresses.filter((to) => !to.startsWith('/amd64/') && !to.startsWith('#'))).toEqual([]);
  });

  it('has a language, one first heading, one main part, and ids that are there once', () => {
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    for (const name of ['h1', 'main', 'title'])
      expect(tags.filter((tag) => tag.name === name)).toHaveLength(
        name === 'title' && html.includes('<svg viewBox="0 0 640') ? 2 : 1,
      );
    const ids = tags.flatMap(({ attributes }) => /\sid="([^"]*)"/.exec(attributes)?.[1] ?? []);
    expect(ids).toEqual([...new Set(ids)]);
    const labels = tags.flatMap(({ attributes }) => /\sfor="([^"]*)"/.exec(attributes)?.[1] ?? []);
    expect(labels.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('is the same bytes for the same values', () => {
    expect(renderPage(frame, page)).toBe(html);
  });
});

describe('the overview', () => {
  const html = renderPage(frame, pages.overview as Page);

  it('counts M of N beside the per cent, and the undecided apart', () => {
    expect(html).toContain('75.0 %');
    expect(html).toContain('<strong>3 of 4</strong> decided binary packages are');
    expect(html).toContain('; 2 more are ');
  });

  it('tells how many versions reproduced before one that does not', () => {
    expect(html).toContain('reproduced in the last 4 versions; ');
  });

  it('says that it is out of date, and that the queue is paused', () => {
    expect(html).toContain('This may be out of date');
    expect(html).toContain('The queue is paused');
  });

  it('says what to do where nothing is listed yet', () => {
    const empty = overviewPage(frame, {
      places: [],
      days: [],
      regressions: [],
      building: [],
      queue: { running: 0, available: 0, pending: 0, paused: false },
      causes: [],
      reasons: [],
      attempts: [],
    });
    const text = renderPage(frame, empty);
    for (const words of [
      'reproof sync debian',
      'No regression is known.',
      'Nothing is being built.',
      'No cause is known yet.',
    ])
      expect(text).toContain(words);
  });
});

describe('a package', () => {
  it('quotes its command for a shell, whatever it is called', () => {
    const html = renderPage(
      frame,
      packagePage(frame, {
        distribution: 'debian',
        release: "tri'xie",
        name: 'a; rm -rf $HOME',
        builds: [{ status: 'GOOD', version: '1-1', architecture: 'all', seen: true }],
        olderVersions: 0,
        attempts: [],
        attemptsTotal: 0,
        causes: new Map(),
        details: new Map(),
        alsoIn: [],
      }),
    );
    expect(html).toContain(`reproof rebuild 'debian:a; rm -rf $HOME=1-1' --suite 'tri'\\''xie'</code>`);
  });
});

describe('how to read this', () => {
  it('explains each word that a badge can have', () => {
    const html = renderPage(frame, pages.reading as Page);
    const verdicts = ['reproducible', 'unreproducible', 'failed-to-build', 'inconclusive', 'unknown'];
    const statuses = [undefined, 'GOOD', 'BAD', 'FAIL', 'UNKWN'] as const;
    const anchors = [
      ...verdicts.map((verdict) => wordOf({ verdict })),
      ...statuses.map((status) => wordOf({ status })),
    ];
    for (const { anchor } of anchors) expect(html).toContain(`id="${anchor}"`);
    for (const id of ['undecided', 'blocks-migration', 'cause-timestamp']) expect(html).toContain(`id="${id}"`);
  });
});
