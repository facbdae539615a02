import { scaleLinear, scaleUtc } from 'd3-scale';
import { line } from 'd3-shape';
import { type Element, el } from '../h.ts';

export type ChartPoint = {
  /** YYYY-MM-DD. */
  readonly day: string;
  readonly value: number;
};

/** A line of a chart; at most eight can be told apart. */
export type ChartLine = { readonly label: string; readonly points: readonly ChartPoint[] };

const WIDTH = 640;
const HEIGHT = 250;
const MARGIN = { top: 14, right: 96, bottom: 30, left: 52 };
const LABEL_PIXELS = 15;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Lines of per cents over days, drawn without any script. Each line has its label at its end and dashes of its own. The
 * vertical axis begins below the lowest value and says so.
 */
export function trendChart(given: {
  /** Of the whole page: ids in it begin so. */
  readonly id: string;
  readonly title: string;
  readonly lines: readonly ChartLine[];
}): Element {
  const lines = given.lines.filter(({ points }) => points.length > 0).slice(0, 8);
  const points = lines.flatMap((one) => one.points);
  const days = points.map(({ day }) => Date.parse(day));
  const lowest = Math.min(...points.map(({ value }) => value));
  const from = Math.max(0, Math.floor((lowest - 1) / 5) * 5);
  const x = scaleUtc([Math.min(...days), Math.max(...days)], [MARGIN.left, WIDTH - MARGIN.right]);
  const y = scaleLinear([from, 100], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const path = line<ChartPoint>(
    (point) => round(x(Date.parse(point.day))),
    (point) => round(y(point.value)),
  );
  const labels = spread(lines.map((one) => round(y(one.points.at(-1)?.value ?? from))));
  return el(
    'div',
    { class: 'chart', tabindex: 0, role: 'group', 'aria-label': given.title },
    el(
      'svg',
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        role: 'img',
        'aria-labelledby': `${given.id}-title ${given.id}-desc`,
      },
      el('title', { id: `${given.id}-title` }, given.title),
      el('desc', { id: `${given.id}-desc` }, described(lines, from)),
      el('g', { class: 'axis' }, y.ticks(5).map(horizontal(y)), ticksOf(x).map(vertical(x))),
      lines.map((one, at) =>
        el(
          'g',
          { class: `line line-${at}` },
          el('path', { d: path([...one.points]) ?? '' }),
          one.points.length === 1 && dot(x(Date.parse(one.points[0]?.day ?? '')), y(one.points[0]?.value ?? 0)),
          el('text', { x: WIDTH - MARGIN.right + 8, y: (labels[at] ?? 0) + 4 }, one.label),
        ),
      ),
    ),
  );
}

function dot(cx: number, cy: number): Element {
  return el('circle', { cx: round(cx), cy: round(cy), r: 3 });
}

function horizontal(y: (value: number) => number) {
  return (value: number): Element =>
    el(
      'g',
      {},
      el('line', { x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: round(y(value)), y2: round(y(value)) }),
      el('text', { class: 'y', x: MARGIN.left - 8, y: round(y(value)) + 4 }, `${value} %`),
    );
}

function vertical(x: (value: Date) => number) {
  return (tick: Date, at: number, all: readonly Date[]): Element => {
    const year = at === 0 || tick.getUTCFullYear() !== all[at - 1]?.getUTCFullYear();
    const text = `${tick.getUTCDate()} ${MONTHS[tick.getUTCMonth()]}${year ? ` ${tick.getUTCFullYear()}` : ''}`;
    return el('text', { class: 'x', x: round(x(tick)), y: HEIGHT - 8 }, text);
  };
}

function ticksOf(x: ReturnType<typeof scaleUtc>): readonly Date[] {
  const [first, last] = x.domain();
  return first?.getTime() === last?.getTime() ? [first as Date] : x.ticks(5);
}

function described(lines: readonly ChartLine[], from: number): string {
  const each = lines.map(({ label, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    return `${label}: ${first?.value.toFixed(1)} % on ${first?.day}, ${last?.value.toFixed(1)} % on ${last?.day}.`;
  });
  return `Per cent of the decided that are reproducible, by week. The vertical axis goes from ${from} to 100 %. ${each.join(' ')}`;
}

/** Places for labels that do not cover each other, in the order given. */
function spread(places: readonly number[]): readonly number[] {
  const order = places.map((place, at) => ({ place, at })).sort((left, right) => left.place - right.place);
  let before = Number.NEGATIVE_INFINITY;
  const moved = order.map(({ place, at }) => {
    before = Math.max(place, before + LABEL_PIXELS);
    return { place: before, at };
  });
  const over = Math.max(0, before - (HEIGHT - MARGIN.bottom));
  const result = [...places];
  for (const { place, at } of moved) result[at] = round(place - over);
  return result;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** M of N as a bar, for beside the numbers: it says nothing that they do not. */
export function shareBar(parts: { readonly good: number; readonly bad: number; readonly open: number }): Element {
  const whole = Math.max(1, parts.good + parts.bad + parts.open);
  const width = (part: number) => round((part * 200) / whole);
  const [good, bad] = [width(parts.good), width(parts.bad)];
  return el(
    'svg',
    { class: 'share', viewBox: '0 0 200 8', preserveAspectRatio: 'none', 'aria-hidden': 'true', focusable: 'false' },
    el('rect', { class: 'open', width: 200, height: 8 }),
    el('rect', { class: 'bad', x: good, width: bad, height: 8 }),
    el('rect', { class: 'good', width: good, height: 8 }),
  );
}
