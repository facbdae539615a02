import { type Frame, link } from '../frame.ts';
import { type Element, el } from '../h.ts';
import type { Alternate, Page } from '../layout.ts';
import { count, counted } from '../parts/numbers.ts';
import { alternateLinks, emptyState, staleState } from '../parts/states.ts';
import { table } from '../parts/table.ts';
import { timeElement } from '../parts/time.ts';
import { sign } from '../parts/verdict.ts';
import { type AttemptDay, attemptsOf } from './overview-attempts.ts';
import { type CauseRow, causesOf, type ReasonRow, reasonsOf } from './overview-causes.ts';
import { type PlaceCounts, placeSection } from './overview-place.ts';
import type { PlaceDay } from './overview-trend.ts';

type Built = {
  readonly source: string;
  readonly version: string;
  readonly distribution: string;
  readonly release?: string;
  readonly architecture: string;
};

export type OverviewValues = {
  /** Each place once, by distribution, release and architecture. */
  readonly places: readonly PlaceCounts[];
  /** Counts at the ends of days, oldest first. */
  readonly days: readonly PlaceDay[];
  /** Newest first. `before`: how many versions before it reproduced, one after the other. */
  readonly regressions: readonly (Built & { readonly id: number; readonly builtAt: string; readonly before: number })[];
  readonly building: readonly (Built & {
    readonly id: number;
    readonly leasedAt?: string;
    readonly stage?: string;
    readonly workerId?: number;
  })[];
  readonly queue: {
    readonly running: number;
    readonly available: number;
    readonly pending: number;
    readonly paused: boolean;
  };
  /** The commonest first. */
  readonly causes: readonly CauseRow[];
  readonly reasons: readonly ReasonRow[];
  /** How attempts ended by day, oldest first. */
  readonly attempts: readonly AttemptDay[];
  /** When the oldest list of published packages was looked at last, where that is longer ago than it should be. */
  readonly staleSince?: string;
};

/** The first page: how much is reproducible, how that went, and what holds packages back. */
export function overviewPage(frame: Frame, values: OverviewValues): Page {
  const releases = Map.groupBy(values.places, ({ distribution, release }) => JSON.stringify([distribution, release]));
  const alternates: readonly Alternate[] = [
    { href: link(frame, ['api', 'stats']), type: 'application/json', label: 'JSON' },
    { href: link(frame, ['api', 'stats.csv']), type: 'text/csv', label: 'CSV' },
    { href: link(frame, ['api', 'feeds', 'verdicts.atom']), type: 'application/atom+xml', label: 'Atom feed' },
  ];
  return {
    title: 'Overview',
    section: 'overview',
    description: 'How much of what distributions publish was rebuilt bit for bit, and what was not.',
    alternates,
    main: [
      el('h1', {}, 'What was rebuilt, and came out the same'),
      el(
        'p',
        { class: 'lead' },
        'We build published packages again, from their source and in the environment they were built in, and compare every byte. ',
        el('a', { href: link(frame, ['reading']) }, 'How to read this'),
      ),
      values.staleSince !== undefined &&
        staleState(frame, values.staleSince, 'Lists of published packages are older than they should be.'),
      releases.size === 0
        ? emptyState(
            'Nothing is listed yet.',
            'Packages appear here after the first sync (',
            el('code', {}, 'reproof sync debian --suite trixie'),
            ').',
          )
        : [...releases.values()].map((places, at) => placeSection(frame, places, { days: values.days, at })),
      releases.size > 0 && alternateLinks(alternates),
      el('div', { class: 'columns' }, regressionsOf(frame, values), buildingOf(frame, values)),
      causesOf(frame, values),
      reasonsOf(frame, values),
      attemptsOf(frame, values.attempts),
    ],
  };
}

function packageAt(frame: Frame, { distribution, release, source }: Built): string {
  return link(frame, ['packages', distribution, release ?? '-', source]);
}

function placeOf({ distribution, release, architecture }: Built): string {
  return [distribution, release, architecture].filter((part) => part !== undefined).join(' ');
}

function regressionsOf(frame: Frame, { regressions }: OverviewValues): Element {
  const alternates: readonly Alternate[] = [
    { href: link(frame, ['api', 'regressions']), type: 'application/json', label: 'JSON' },
    { href: link(frame, ['api', 'regressions.csv']), type: 'text/csv', label: 'CSV' },
    { href: link(frame, ['api', 'feeds', 'regressions.atom']), type: 'application/atom+xml', label: 'Atom feed' },
  ];
  return el(
    'section',
    { 'aria-labelledby': 'regressions' },
    el('h2', { id: 'regressions' }, 'Newest regressions'),
    regressions.length === 0
      ? emptyState('No regression is known.', 'Here stands what reproduced before and does not any more.')
      : el(
          'ol',
          { class: 'news' },
          regressions.map((one) =>
            el(
              'li',
              {},
              sign('bad'),
              el(
                'div',
                {},
                el('a', { class: 'name', href: packageAt(frame, one) }, one.source),
                ` ${beforeText(one.before)}`,
                el('a', { href: link(frame, ['rebuilds', String(one.id)]) }, one.version),
                ' does not.',
                el('p', { class: 'note' }, placeOf(one), ', ', timeElement(frame, one.builtAt)),
              ),
            ),
          ),
        ),
    el(
      'p',
      {},
      el(
        'a',
        { href: link(frame, ['packages'], { blocks: 'yes' }) },
        'All packages that do not reproduce while an older version did',
      ),
    ),
    alternateLinks(alternates),
  );
}

function beforeText(before: number): string {
  if (before === 0) return 'reproduced before; ';
  return before === 1 ? 'reproduced in the version before; ' : `reproduced in the last ${count(before)} versions; `;
}

function buildingOf(frame: Frame, { building, queue }: OverviewValues): Element {
  const waiting = queue.available + queue.pending;
  return el(
    'section',
    { 'aria-labelledby': 'building' },
    el('h2', { id: 'building' }, 'Building now'),
    queue.paused && el('p', { class: 'note' }, 'The queue is paused: what runs is finished, and nothing new is begun.'),
    building.length === 0
      ? emptyState(
          'Nothing is being built.',
          waiting === 0 ? 'The queue is empty.' : `${counted(waiting, 'rebuild')} waiting.`,
        )
      : table({
          caption: `${counted(queue.running, 'rebuild')} running, ${count(waiting)} waiting`,
          rows: building,
          columns: [
            {
              label: 'Package',
              heads: true,
              cell: (job) => [el('a', { href: packageAt(frame, job) }, job.source), ' ', job.version],
            },
            { label: 'For', cell: placeOf },
            {
              label: 'Stage',
              cell: (job) =>
                el(
                  'a',
                  { href: link(frame, ['jobs', String(job.id)]), title: `Follow the log of ${job.source}` },
                  job.stage ?? 'begun',
                ),
            },
            { label: 'By', cell: (job) => job.workerId !== undefined && `worker ${job.workerId}` },
            { label: 'Begun', cell: (job) => job.leasedAt !== undefined && timeElement(frame, job.leasedAt) },
          ],
        }),
    alternateLinks([
      { href: link(frame, ['api', 'queue']), type: 'application/json', label: 'JSON' },
      { href: link(frame, ['api', 'queue.csv']), type: 'text/csv', label: 'CSV' },
    ]),
  );
}
