import { type Frame, link, type Query } from '../frame.ts';
import { type Child, type Element, el } from '../h.ts';
import type { Page } from '../layout.ts';
import { bytes, count, counted } from '../parts/numbers.ts';
import { emptyState, note } from '../parts/states.ts';
import { type LineRange, moreLines, type TextLine, type TextPart, textLine } from './text-lines.ts';

/** What a log says of itself, as the API gives it. */
export type LogOutline = {
  readonly bytes: number;
  readonly lines: number;
  readonly sections: readonly { readonly line: number; readonly title: string; readonly kind: 'step' | 'command' }[];
  readonly errors: readonly TextLine[];
  readonly errorCount: number;
};

export type LogValues = {
  readonly rebuild: number;
  readonly source: string;
  readonly version: string;
  readonly architecture: string;
  readonly build: 'first' | 'control';
  readonly hasControl: boolean;
  readonly truncated: boolean;
  readonly outline: LogOutline;
  readonly from: number;
  readonly marked?: LineRange;
  readonly part: TextPart;
  readonly search?: { readonly text: string; readonly matches: readonly TextLine[]; readonly next?: number };
};

/** So many parts and errors are listed above the lines. */
const LISTED_PARTS = 300;
const LISTED_ERRORS = 20;
/** How many lines before the one that is gone to are shown. */
export const LINES_BEFORE = 12;

/** The log of an ended build, a page of lines at a time. */
export function logPage(frame: Frame, values: LogValues): Page {
  const { rebuild, source, version, architecture, outline, truncated, build } = values;
  const at = ['rebuilds', String(rebuild)];
  const raw = link(frame, ['api', ...at, 'log']);
  return {
    title: `Log of ${source} ${version}`,
    description: `What the build of ${source} ${version} (${architecture}) wrote.`,
    section: 'packages',
    unlisted: true,
    ...(build === 'first' ? { alternates: [{ href: raw, type: 'text/plain' as const, label: 'Text' }] } : {}),
    islands: ['more', 'lines'],
    main: [
      el(
        'ol',
        { class: 'trail', 'aria-label': 'Where this is' },
        el('li', {}, el('a', { href: link(frame, at) }, `${source} ${version}, ${architecture}: rebuild ${rebuild}`)),
      ),
      el('h1', {}, build === 'first' ? 'Log' : 'Log of the control rebuild'),
      el(
        'p',
        { class: 'lead' },
        `${counted(outline.lines, 'line')}, ${bytes(outline.bytes)}`,
        truncated && ', cut at the limit of logs',
        build === 'first' && ['. ', el('a', { href: raw, type: 'text/plain' }, 'All of it as text')],
      ),
      values.hasControl && buildSwitch(frame, values),
      searchForm(frame, values),
      values.search === undefined ? overview(frame, values) : matches(frame, values, values.search),
      el('h2', { id: 'lines', class: 'unseen' }, 'Lines'),
      outline.lines === 0 ? emptyState('This log is empty') : lines(frame, values),
      earlier(frame, values),
    ],
  };
}

/** Further lines alone: what the island `more` puts in place of the link. */
export function logPart(frame: Frame, values: LogValues): Element {
  return el('div', { 'data-part': true }, groups(values), more(frame, values));
}

function address(frame: Frame, { rebuild, build }: LogValues, query: Query): string {
  return link(frame, ['rebuilds', String(rebuild), 'log'], { build: build === 'first' ? undefined : build, ...query });
}

function toLine(frame: Frame, values: LogValues, line: number): string {
  return `${address(frame, values, { line })}#L${line}`;
}

function buildSwitch(frame: Frame, values: LogValues): Element {
  const one = (build: LogValues['build'], label: string): Element =>
    el(
      'a',
      { href: address(frame, { ...values, build }, {}), 'aria-current': values.build === build && 'true' },
      label,
    );
  return el(
    'nav',
    { class: 'views', 'aria-label': 'Which build' },
    one('first', 'First build'),
    one('control', 'Control build'),
  );
}

function searchForm(frame: Frame, values: LogValues): Element {
  return el(
    'form',
    {
      class: 'find-in',
      role: 'search',
      'aria-label': 'This log',
      method: 'get',
      action: link(frame, ['rebuilds', String(values.rebuild), 'log']),
    },
    values.build === 'control' && el('input', { type: 'hidden', name: 'build', value: 'control' }),
    el('label', { for: 'search' }, 'Find in this log'),
    el('input', {
      id: 'search',
      name: 'search',
      type: 'search',
      maxlength: 200,
      required: true,
      value: values.search?.text ?? '',
    }),
    el('button', {}, 'Find lines'),
  );
}

function matches(frame: Frame, values: LogValues, search: NonNullable<LogValues['search']>): readonly Child[] {
  const { text, matches: found, next } = search;
  return [
    el('h2', {}, 'Lines that hold ', el('q', {}, text)),
    found.length === 0 &&
      note(next === undefined ? 'There is none.' : 'There is none in the part that was looked through.'),
    lineList(frame, values, found),
    el(
      'p',
      { class: 'pages' },
      next !== undefined &&
        el(
          'a',
          { href: address(frame, values, { search: text, after: next }), rel: 'next' },
          `Search on from line ${count(next)}`,
        ),
      el('a', { href: address(frame, values, {}) }, 'Back to the log'),
    ),
  ];
}

function lineList(frame: Frame, values: LogValues, lines: readonly TextLine[]): Child {
  return (
    lines.length > 0 &&
    el(
      'ol',
      { class: 'found' },
      lines.map(({ line, text }) =>
        el('li', {}, el('a', { href: toLine(frame, values, line) }, `line ${count(line)}`), ' ', el('code', {}, text)),
      ),
    )
  );
}

function overview(frame: Frame, values: LogValues): readonly Child[] {
  const { sections, errors, errorCount } = values.outline;
  const steps = sections.length > LISTED_PARTS ? sections.filter(({ kind }) => kind === 'step') : sections;
  const half = LISTED_ERRORS / 2;
  const listed = errors.length <= LISTED_ERRORS ? errors : [...errors.slice(0, half), ...errors.slice(-half)];
  return [
    errors.length > 0 &&
      el(
        'details',
        { class: 'card', open: errors.length <= half },
        el('summary', {}, `Lines that look like errors: ${count(errorCount)}`),
        lineList(frame, values, listed),
        errorCount > listed.length && note('The first and the last of them; search for more.'),
      ),
    sections.length > 0 &&
      el(
        'details',
        { class: 'card' },
        el('summary', {}, `${counted(sections.length, 'part')} of this log`),
        el(
          'ol',
          { class: 'found' },
          steps
            .slice(0, LISTED_PARTS)
            .map(({ line, title, kind }) =>
              el('li', { class: kind }, el('a', { href: toLine(frame, values, line) }, title), ` line ${count(line)}`),
            ),
        ),
        steps.length > LISTED_PARTS && note(`${count(steps.length - LISTED_PARTS)} more are not listed.`),
      ),
  ];
}

function lines(frame: Frame, values: LogValues): Element {
  return el(
    'div',
    { class: 'lines', role: 'group', 'aria-label': 'Lines of the log', tabindex: 0 },
    groups(values),
    more(frame, values),
  );
}

function more(frame: Frame, values: LogValues): Child {
  return moreLines(values.part, (from) => address(frame, values, { from }));
}

/** Lines by the part of the log that they are of. Each can be folded. */
function groups(values: LogValues): readonly Child[] {
  const { part, marked, outline, from } = values;
  const look = { marked, errors: new Set(outline.errors.map(({ line }) => line)) };
  const last = part.lines.at(-1)?.line ?? from;
  const begun = outline.sections.findLast(({ line }) => line < from);
  const here = outline.sections.filter(({ line }) => line >= from && line <= last);
  const bounds = [
    ...(begun === undefined ? [] : [{ ...begun, goesOn: true }]),
    ...here.map((one) => ({ ...one, goesOn: false })),
  ];
  const firstBound = bounds[0]?.goesOn === true ? from : (bounds[0]?.line ?? last + 1);
  const between = (first: number, end: number): readonly Element[] =>
    part.lines.filter(({ line }) => line >= first && line < end).map((line) => textLine(line, look));
  return [
    between(from, firstBound),
    bounds.map(({ title, line, kind, goesOn }, at) => {
      const inside = between(goesOn ? from : line, bounds[at + 1]?.line ?? last + 1);
      return (
        inside.length > 0 &&
        el(
          'details',
          { class: `section ${kind}`, open: true },
          el('summary', {}, title, goesOn && ' (goes on)', ' ', el('span', {}, counted(inside.length, 'line'))),
          inside,
        )
      );
    }),
  ];
}

function earlier(frame: Frame, values: LogValues): Child {
  const { from, part, outline } = values;
  if (from <= 1 && part.next === undefined) return undefined;
  const step = Math.max(part.lines.length, 100);
  return el(
    'nav',
    { class: 'pages', 'aria-label': 'Parts of this log' },
    el('p', {}, `From line ${count(from)} of ${count(outline.lines)}`),
    from > 1 && el('a', { href: address(frame, values, {}), rel: 'first' }, 'From the beginning'),
    from > 1 &&
      el('a', { href: address(frame, values, { from: Math.max(1, from - step) }), rel: 'prev' }, 'Earlier lines'),
    part.next !== undefined &&
      el('a', { href: address(frame, values, { from: part.next }), rel: 'next' }, 'Later lines'),
    part.next !== undefined &&
      el('a', { href: address(frame, values, { from: Math.max(1, outline.lines - 199) }), rel: 'last' }, 'The end'),
  );
}
