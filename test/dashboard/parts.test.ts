import { describe, expect, it } from 'vitest';
import { renderPart } from '../../dashboard/index.ts';
import { CAUSES } from '../../dashboard/parts/causes.ts';
import { trendChart } from '../../dashboard/parts/chart.ts';
import { bytes, count, counted, duration, perCent } from '../../dashboard/parts/numbers.ts';
import { timeElement } from '../../dashboard/parts/time.ts';
import { verdictBadge } from '../../dashboard/parts/verdict.ts';
import { REASON_KINDS } from '../../model/index.ts';
import { parseXml } from '../helpers/well-formed.ts';

const now = new Date('2026-11-29T12:00:00Z');

describe('numbers', () => {
  it('have commas between thousands', () => {
    expect([0, 7, 999, 1000, 70_000, 1_234_567].map(count)).toEqual(['0', '7', '999', '1,000', '70,000', '1,234,567']);
    expect([counted(1, 'package'), counted(1000, 'package')]).toEqual(['1 package', '1,000 packages']);
  });

  it('say 100 and 0 per cent only where that is true', () => {
    expect(perCent(3, 3)).toBe('100.0 %');
    expect(perCent(69_999, 70_000)).toBe('99.9 %');
    expect(perCent(1, 70_000)).toBe('0.1 %');
    expect(perCent(0, 70_000)).toBe('0.0 %');
    expect(perCent(0, 0)).toBeUndefined();
  });

  it('have units that people read', () => {
    expect([1, 1023, 1536, 20 * 1024 ** 2].map(bytes)).toEqual(['1 byte', '1,023 bytes', '1.5 KiB', '20 MiB']);
    expect([0.44, 42, 185, 7800].map(duration)).toEqual(['0.4 s', '42 s', '3 min 5 s', '2 h 10 min']);
  });
});

describe('a time', () => {
  it.each([
    ['2026-11-29T11:59:40.123Z', 'just now'],
    ['2026-11-29T11:59:00Z', '1 minute ago'],
    ['2026-11-29T09:00:00Z', '3 hours ago'],
    ['2026-11-27T12:00:00Z', '2 days ago'],
    ['2025-01-01T00:00:00Z', '1 year ago'],
    ['2026-11-29T14:00:00Z', 'in 2 hours'],
    ['2026-11-29T12:00:30Z', 'in a moment'],
  ])('%s is told from now as %s, and exactly in the markup', (instant, text) => {
    const html = renderPart(timeElement({ now }, instant));
    expect(html).toMatch(new RegExp(`^<time datetime="[0-9-]+T[0-9:]+Z" title="[0-9-]+ [0-9:]+ UTC">${text}</time>$`));
  });

  it('that is none is shown as it is', () => {
    expect(renderPart(timeElement({ now }, '<x>'))).toBe('<span>&lt;x></span>');
  });
});

describe('a verdict', () => {
  it('is a word with a shape of its own, and leads to what it proves', () => {
    const kinds = ['reproducible', 'unreproducible', 'failed-to-build', 'inconclusive', undefined];
    const badges = kinds.map((verdict) => renderPart(verdictBadge({ basePath: '/x' }, { verdict })));
    expect(new Set(badges.map((html) => / d="([^"]+)"/.exec(html)?.[1])).size).toBe(kinds.length);
    expect(badges.map((html) => /<span>([^<]+)<\/span>/.exec(html)?.[1])).toEqual([
      'reproducible',
      'unreproducible',
      'failed to build',
      'inconclusive',
      'not tried',
    ]);
    expect(badges[2]).toContain('href="/x/reading#failed-to-build"');
  });

  it('that nobody knows is no property of an object', () => {
    expect(renderPart(verdictBadge({ basePath: '' }, { verdict: 'constructor', status: 'GOOD' }))).toContain(
      '<span>reproducible</span>',
    );
  });
});

describe('causes', () => {
  it('have words for each kind of reason, in the order of the closed list', () => {
    expect(Object.keys(CAUSES)).toEqual([...REASON_KINDS]);
  });
});

describe('a chart', () => {
  const line = (label: string, ...values: number[]) => ({
    label,
    points: values.map((value, at) => ({ day: `2026-10-${String(4 + at * 7).padStart(2, '0')}`, value })),
  });
  const draw = (...lines: ReturnType<typeof line>[]) => {
    const html = renderPart(trendChart({ id: 'c', title: 'A <title>', lines }));
    const svg = parseXml(html).children[0];
    return { html, svg };
  };

  it('names itself and says in words what it shows', () => {
    const { svg } = draw(line('amd64', 90, 91.25, 95.5), line('all', 88, 89, 90));
    expect(svg?.attributes).toMatchObject({ role: 'img', 'aria-labelledby': 'c-title c-desc' });
    expect(svg?.children.slice(0, 2).map(({ name, text }) => [name, text])).toEqual([
      ['title', 'A <title>'],
      [
        'desc',
        'Per cent of the decided that are reproducible, by week. The vertical axis goes from 85 to 100 %. ' +
          'amd64: 90.0 % on 2026-10-04, 95.5 % on 2026-10-18. all: 88.0 % on 2026-10-04, 90.0 % on 2026-10-18.',
      ],
    ]);
  });

  it('keeps the labels of lines that end together apart', () => {
    const { svg } = draw(line('a', 99), line('b', 99), line('c', 99.1), line('d', 98.9));
    const places = svg?.children
      .filter(({ attributes }) => attributes.class?.startsWith('line '))
      .map(({ children }) => Number(children.find(({ name }) => name === 'text')?.attributes.y))
      .sort((left, right) => left - right);
    expect(places).toHaveLength(4);
    expect(places?.every((place, at) => at === 0 || place - (places[at - 1] ?? 0) >= 14.8)).toBe(true);
  });

  it('of one day is a dot, and draws no line to nowhere', () => {
    const { html } = draw(line('amd64', 97));
    expect(html).toContain('<circle');
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('is the same bytes for the same values', () => {
    expect(draw(line('a', 90, 91)).html).toBe(draw(line('a', 90, 91)).html);
  });
});
