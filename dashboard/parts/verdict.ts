import { explained, type Frame } from '../frame.ts';
import { type Element, el } from '../h.ts';

/** A verdict as the API says it. Status alone, as lists have it, is enough. */
export type Judged = {
  readonly status?: 'GOOD' | 'BAD' | 'FAIL' | 'UNKWN' | undefined;
  /** reproducible, unreproducible, failed-to-build, inconclusive or unknown. */
  readonly verdict?: string | undefined;
  readonly reason?: string | undefined;
};

/** How a verdict looks. Each has a shape of its own: colour is never the only sign. */
export type Look = 'good' | 'bad' | 'broken' | 'open' | 'none';

type Word = { readonly look: Look; readonly word: string; readonly anchor: string };

const BY_VERDICT: Readonly<Record<string, Word>> = {
  reproducible: { look: 'good', word: 'reproducible', anchor: 'reproducible' },
  unreproducible: { look: 'bad', word: 'unreproducible', anchor: 'unreproducible' },
  'failed-to-build': { look: 'broken', word: 'failed to build', anchor: 'failed-to-build' },
  inconclusive: { look: 'open', word: 'inconclusive', anchor: 'inconclusive' },
  unknown: { look: 'open', word: 'not known', anchor: 'not-known' },
};

const BY_STATUS: Readonly<Record<NonNullable<Judged['status']>, Word>> = {
  GOOD: { look: 'good', word: 'reproducible', anchor: 'reproducible' },
  BAD: { look: 'bad', word: 'unreproducible', anchor: 'unreproducible' },
  FAIL: { look: 'open', word: 'could not try', anchor: 'could-not-try' },
  UNKWN: { look: 'open', word: 'inconclusive', anchor: 'inconclusive' },
};

const NONE: Word = { look: 'none', word: 'not tried', anchor: 'not-tried' };

/** The word for a verdict, its look, and where `/reading` explains it. */
export function wordOf({ status, verdict }: Judged): Word {
  const known = verdict !== undefined && Object.hasOwn(BY_VERDICT, verdict) ? BY_VERDICT[verdict] : undefined;
  return known ?? (status === undefined ? NONE : BY_STATUS[status]);
}

/** A verdict as word and sign, with a link to what it proves. The reason stands behind it, where there is one. */
export function verdictBadge(frame: Pick<Frame, 'basePath'>, judged: Judged): Element {
  const { look, word, anchor } = wordOf(judged);
  return el(
    'span',
    { class: `verdict ${look}` },
    el('a', { href: explained(frame, anchor), title: 'What this proves' }, sign(look), el('span', {}, word)),
    judged.reason !== undefined && el('span', { class: 'reason' }, judged.reason),
  );
}

const SHAPES: Readonly<Record<Look, string>> = {
  good: 'M2.5 8.5l3.5 3.5 7.5-8',
  bad: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  broken: 'M8 2l6.5 12h-13zM8 6.5v3.5M8 12v.4',
  open: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.8-1.1 1.8M8 12.6v.4',
  none: 'M3.5 8h9',
};

/** The shape of a verdict, for beside its word. */
export function sign(look: Look): Element {
  return el(
    'svg',
    { class: `sign ${look}`, viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true', focusable: 'false' },
    el('path', { d: SHAPES[look] }),
  );
}
