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

/** `day` is the last that is known of it. */
type Week = { day: string; all: number; readonly by: Map<string, number> };

/** Ways to end that have columns of their own; others are counted together. */
const COLUMNS = 7;

/** How attempts ended, week by week: what failed more often than before shows here first. */
export function attemptsOf(frame: Frame, attempts: readonly AttemptDay[]): Element {
  const totals = new Map<string, number>();
  const weeks = new Map<number, Week>();
  for (const one of attempts) {
    const [end, number] = [endOf(one), weekOf(one.day)];
    const week = weeks.get(number) ?? { day: '', all: 0, by: new Map<string, number>() };
    weeks.set(number, week);
    week.day = one.day;
    week.all += one.attempts;
    week.by.set(end, (week.by.get(end) ?? 0) + one.attempts);
    totals.set(end, (totals.get(end) ?? 0) + one.attempts);
  }
  const ends = [...totals].sort((left, right) => right[1] - left[1]).map(([end]) => end);
  const shown = ends.slice(0, COLUMNS);
  const of = ({ by }: Week, end: string) => by.get(end) ?? 0;
  const others = (week: Week) => shown.reduce((rest, end) => rest - of(week, end), week.all);
  const since = attempts[0]?.day;
  return el(
    'section',
    { 'aria-labelledby': 'attempts' },
    el('h2', { id: 'attempts' }, 'How attempts ended, by week'),
    since === undefined
      ? emptyState('Nothing was attempted lately.')
      : table<Week>({
          caption: 'Attempts by verdict and reason, those that say nothing of a package included',
          rows: [...weeks.values()].toReversed(),
          columns: [
            { label: 'Week to', heads: true, cell: ({ day }) => dayElement(day) },
            ...shown.map((end) => ({ label: end, numeric: true, cell: (week: Week) => count(of(week, end)) })),
            ...(ends.length > shown.length
              ? [{ label: 'other', numeric: true, cell: (week: Week) => count(others(week)) }]
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
