import type { ChartLine } from '../parts/chart.ts';

/** Counts of a place at the end of a day (YYYY-MM-DD). */
export type PlaceDay = {
  readonly day: string;
  readonly distribution: string;
  readonly release?: string;
  readonly architecture: string;
  readonly good: number;
  readonly bad: number;
};

/** The counts of one release at the end of a week, by architecture. `day` is the last day that is known of it. */
export type Week = { readonly day: string; readonly places: ReadonlyMap<string, PlaceDay> };

const DAY_MILLISECONDS = 86_400_000;
/** 1970-01-01 was a Thursday: weeks end on Sunday. */
const THURSDAY = 3;

/** A number for the week of a day, from Monday to Sunday. */
export function weekOf(day: string): number {
  return Math.floor((Date.parse(day) / DAY_MILLISECONDS + THURSDAY) / 7);
}

/** The days of one release by weeks, oldest first; of each week its last day. */
export function weeksOf(days: readonly PlaceDay[]): readonly Week[] {
  const weeks = Map.groupBy(days, ({ day }) => weekOf(day));
  return [...weeks.values()].map((all) => {
    const last = all.reduce((latest, { day }) => (day > latest ? day : latest), '');
    const there = all.filter(({ day }) => day === last);
    return { day: last, places: new Map(there.map((place) => [place.architecture, place])) };
  });
}

/** A line for each architecture of which something was decided: per cents by week. */
export function linesOf(weeks: readonly Week[]): readonly ChartLine[] {
  const architectures = [...new Set(weeks.flatMap(({ places }) => [...places.keys()]))].sort();
  return architectures
    .map((label) => ({
      label,
      points: weeks.flatMap(({ day, places }) => {
        const place = places.get(label);
        const decided = place === undefined ? 0 : place.good + place.bad;
        return place === undefined || decided === 0 ? [] : [{ day, value: (place.good * 100) / decided }];
      }),
    }))
    .filter(({ points }) => points.length > 0);
}
