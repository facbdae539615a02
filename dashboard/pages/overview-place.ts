import { explained, type Frame, link, type Query } from '../frame.ts';
import { type Child, type Element, el } from '../h.ts';
import { type ChartLine, shareBar, trendChart } from '../parts/chart.ts';
import { count, perCent } from '../parts/numbers.ts';
import { table } from '../parts/table.ts';
import { dayElement } from '../parts/time.ts';
import { linesOf, type PlaceDay, type Week, weeksOf } from './overview-trend.ts';

/** How many binary packages of a place have each status; `fail` and `unknown` together are undecided. */
export type PlaceCounts = {
  readonly distribution: string;
  readonly release?: string;
  readonly architecture: string;
  readonly good: number;
  readonly bad: number;
  readonly fail: number;
  readonly unknown: number;
};

/** One release: its number, its architectures and its trend. `at` numbers it on the page. */
export function placeSection(
  frame: Frame,
  places: readonly PlaceCounts[],
  { days, at }: { readonly days: readonly PlaceDay[]; readonly at: number },
): Element {
  const [first] = places;
  const name = `${first?.distribution ?? ''} ${first?.release ?? ''}`.trim();
  const sum = (key: 'good' | 'bad' | 'fail' | 'unknown') => places.reduce((total, place) => total + place[key], 0);
  const [good, bad, open] = [sum('good'), sum('bad'), sum('fail') + sum('unknown')];
  const here = days.filter((day) => day.distribution === first?.distribution && day.release === first?.release);
  const weeks = weeksOf(here);
  const lines = linesOf(weeks);
  const heading = `place-${at}`;
  return el(
    'section',
    { class: 'place', 'aria-labelledby': heading },
    el('h2', { id: heading }, name),
    el(
      'div',
      { class: 'figures' },
      el('p', { class: 'figure' }, perCent(good, good + bad) ?? 'none decided'),
      el(
        'p',
        {},
        el('strong', {}, `${count(good)} of ${count(good + bad)}`),
        ' decided binary packages are ',
        el('a', { href: explained(frame, 'reproducible') }, 'reproducible'),
        `; ${count(open)} more are `,
        el('a', { href: explained(frame, 'undecided') }, 'undecided'),
        '.',
      ),
    ),
    shareBar({ good, bad, open }),
    el(
      'div',
      { class: 'pair' },
      el(
        'div',
        {},
        table({
          caption: `${name}, by architecture`,
          rows: places,
          columns: [
            {
              label: 'Architecture',
              heads: true,
              cell: (place) =>
                el('a', { href: packagesOf(frame, place, { architecture: place.architecture }) }, place.architecture),
            },
            {
              label: 'Reproducible',
              numeric: true,
              cell: (place) => count(place.good),
            },
            { label: 'of decided', numeric: true, cell: (place) => count(place.good + place.bad) },
            { label: 'Per cent', numeric: true, cell: (place) => perCent(place.good, place.good + place.bad) ?? '–' },
            {
              label: 'Unreproducible',
              numeric: true,
              cell: (place) => count(place.bad),
            },
            { label: 'Undecided', numeric: true, cell: (place) => count(place.fail + place.unknown) },
          ],
        }),
        first !== undefined &&
          el(
            'p',
            {},
            el(
              'a',
              { href: packagesOf(frame, first, { verdict: 'not-reproduced' }) },
              `Source packages of ${name} that do not reproduce`,
            ),
          ),
      ),
      lines.length > 0 && trendOf(name, heading, { weeks, lines }),
    ),
  );
}

function packagesOf(
  frame: Frame,
  place: { readonly distribution: string; readonly release?: string | undefined },
  more: Query,
): string {
  const { distribution, release } = place;
  return link(frame, ['packages'], { distribution, release: release ?? '-', ...more });
}

function trendOf(
  name: string,
  id: string,
  { weeks, lines }: { readonly weeks: readonly Week[]; readonly lines: readonly ChartLine[] },
): Element {
  return el(
    'figure',
    { class: 'trend' },
    el('figcaption', {}, 'Per cent of the decided that are reproducible, week by week'),
    trendChart({ id: `${id}-chart`, title: `${name}: reproducible over time`, lines }),
    el(
      'details',
      {},
      el('summary', {}, 'The same as a table'),
      table({
        caption: `${name}: reproducible of decided, at the end of each week`,
        rows: weeks.toReversed(),
        columns: [
          { label: 'Week to', heads: true, cell: ({ day }) => dayElement(day) },
          ...lines.map(({ label }) => ({
            label,
            numeric: true,
            cell: ({ places }: Week): Child => weekCell(places.get(label)),
          })),
        ],
      }),
    ),
  );
}

function weekCell(place: { readonly good: number; readonly bad: number } | undefined): string {
  if (place === undefined) return '–';
  const { good, bad } = place;
  return `${perCent(good, good + bad) ?? '–'} (${count(good)} of ${count(good + bad)})`;
}
