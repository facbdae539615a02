import { type Frame, link } from '../frame.ts';
import { type Element, el } from '../h.ts';
import { count } from '../parts/numbers.ts';
import { alternateLinks, emptyState } from '../parts/states.ts';
import { table } from '../parts/table.ts';
import { dayElement } from '../parts/time.ts';
import { wordOf } from '../parts/verdict.ts';
import { weekOf } from './overview-trend.ts';

/** How many attempts ended in one way on a day (YYYY-MM-DD). */
export type AttemptDay = {
  readonly day: string;
  readonly verdict: string;
  readonly reason?: string;
  readonly attempts: number;
};

/** Ways to end that have columns of their own; others are counted together. */
const COLUMNS = 7;

/** How attempts ended, week by week: what failed more often than before shows here first. */
export function attemptsOf(frame: Frame, attempts: readonly AttemptDay[]): Element {
  const totals = new Map<string, number>();
  for (const one of attempts) totals.set(endOf(one), (totals.get(endOf(one)) ?? 0) + one.attempts);
  const ends = [...totals].sort((left, right) => right[1] - left[1]).map(([end]) => end);
  const shown = ends.slice(0, COLUMNS);
  const weeks = [...Map.groupBy(attempts, ({ day }) => weekOf(day)).values()].map((all) => ({
    day: all.at(-1)?.day ?? '',
    of: (end: string) => sum(all.filter((one) => endOf(one) === end)),
    others: sum(all.filter((one) => !shown.includes(endOf(one)))),
  }));
  type Week = (typeof weeks)[number];
  const since = attempts[0]?.day;
  return el(
    'section',
    { 'aria-labelledby': 'attempts' },
    el('h2', { id: 'attempts' }, 'How attempts ended, by week'),
    since === undefined
      ? emptyState('Nothing was attempted lately.')
      : table<Week>({
          caption: 'Attempts by verdict and reason, those that say nothing of a package included',
          rows: weeks.toReversed(),
          columns: [
            { label: 'Week to', heads: true, cell: ({ day }) => dayElement(day) },
            ...shown.map((end) => ({ label: end, numeric: true, cell: (week: Week) => count(week.of(end)) })),
            ...(ends.length > shown.length
              ? [{ label: 'other', numeric: true, cell: (week: Week) => count(week.others) }]
              : []),
          ],
        }),
    since !== undefined &&
      alternateLinks([
        { href: link(frame, ['api', 'stats', 'attempts'], { since }), type: 'application/json', label: 'JSON' },
        { href: link(frame, ['api', 'stats', 'attempts.csv'], { since }), type: 'text/csv', label: 'CSV' },
      ]),
  );
}

function endOf({ verdict, reason }: AttemptDay): string {
  return reason ?? wordOf({ verdict, status: 'UNKWN' }).word;
}

function sum(days: readonly AttemptDay[]): number {
  return days.reduce((total, { attempts }) => total + attempts, 0);
}
