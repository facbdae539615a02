import { type Child, type Element, el } from '../h.ts';
import { count } from '../parts/numbers.ts';
import type { DiffText, View } from './values.ts';

/** Longer lines are cut where they are shown. */
const LINE_CHARACTERS = 2000;
/** Pieces with more lines are drawn only where they are seen. */
const LONG_LINES = 150;
/** The lines of a hexadecimal dump begin with their offset. */
const HEX_LINE = /^[ +-][0-9a-f]{6,}:/;

type Numbers = { left: number; right: number };

/**
 * A piece of a diff. What both sides have and the diff leaves out is told where it is left out; changed lines stand side
 * by side where `view` is split, and what in them differs is marked.
 */
export function diffLines(piece: DiffText, view: View): Element {
  const lines = piece.text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const notes: Child[] = [];
  if (piece.beginsInside) {
    lines.shift();
    notes.push(el('p', { class: 'fold' }, 'The end of a very long line is left out here.'));
  }
  const hex = lines.some((line) => HEX_LINE.test(line));
  const numbers = { left: piece.left, right: piece.right };
  const long = lines.length > LONG_LINES ? ' long' : '';
  return el('div', { class: `piece ${view}${hex ? ' hex' : ''}${long}` }, notes, ...drawn(lines, numbers, view));
}

function drawn(lines: readonly string[], numbers: Numbers, view: View): readonly Child[] {
  const shown: Child[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string;
    const sign = line[0];
    if (sign === '-' || sign === '+') {
      const old = taken(lines, at, '-');
      const now = taken(lines, at + old.length, '+');
      shown.push(changed(old, now, numbers, view));
      at += old.length + now.length;
      continue;
    }
    if (sign === '@') shown.push(hunk(line, numbers, shown.length === 0));
    else if (sign === '\\') shown.push(el('p', { class: 'fold' }, cut(line.slice(1).trim())));
    else {
      shown.push(same(line.slice(1), numbers, view));
      numbers.left++;
      numbers.right++;
    }
    at++;
  }
  return shown;
}

function taken(lines: readonly string[], from: number, sign: string): readonly string[] {
  let to = from;
  while (to < lines.length && lines[to]?.[0] === sign) to++;
  return lines.slice(from, to).map((line) => line.slice(1));
}

/** Where lines are left out since both sides have them: how many, as the hunk's numbers say. */
function hunk(line: string, numbers: Numbers, first: boolean): Element {
  const found = /^@@ -(\d{1,9})(?:,\d+)? \+(\d{1,9})(?:,\d+)? @@/.exec(line);
  if (found === null) return el('p', { class: 'fold' }, cut(line));
  const [left, right] = [Number(found[1]), Number(found[2])];
  const equal = left - Math.max(numbers.left, 1);
  numbers.left = left;
  numbers.right = right;
  const words = equal > 0 ? `${count(equal)} equal ${equal === 1 ? 'line' : 'lines'}` : first ? '' : 'further on';
  return el('p', { class: 'fold' }, el('span', {}, cut(line)), words !== '' && ` · ${words}`);
}

function same(text: string, { left, right }: Numbers, view: View): Element {
  if (view === 'unified')
    return el('div', { class: 'l', 'data-a': number(left), 'data-b': number(right) }, ' ', cut(text));
  return el(
    'div',
    { class: 'row' },
    el('div', { class: 'l', 'data-a': number(left) }, ' ', cut(text)),
    el('div', { class: 'l', 'data-b': number(right) }, ' ', cut(text)),
  );
}

function changed(old: readonly string[], now: readonly string[], numbers: Numbers, view: View): readonly Child[] {
  const removed = old.map((text, at) =>
    el('div', { class: 'l o', 'data-a': number(numbers.left, at) }, '-', marked(text, now[at])),
  );
  const added = now.map((text, at) =>
    el('div', { class: 'l n', 'data-b': number(numbers.right, at) }, '+', marked(text, old[at])),
  );
  numbers.left += old.length;
  numbers.right += now.length;
  if (view === 'unified') return [...removed, ...added];
  return Array.from({ length: Math.max(old.length, now.length) }, (_, at) =>
    el('div', { class: 'row' }, removed[at] ?? el('div', { class: 'l' }), added[at] ?? el('div', { class: 'l' })),
  );
}

/** Two samples, as lines that go and lines that come. */
export function sampleLines(left: string | undefined, right: string | undefined, view: View): Element | undefined {
  const lines = (text: string | undefined): readonly string[] =>
    text === undefined || text === '' ? [] : text.split('\n');
  const [old, now] = [lines(left), lines(right)];
  if (old.length + now.length === 0) return undefined;
  return el(
    'div',
    { class: 'diff' },
    el('div', { class: `piece ${view}` }, changed(old, now, { left: 0, right: 0 }, view)),
  );
}

function number(from: number, after = 0): number | undefined {
  return from === 0 ? undefined : from + after;
}

/** A line with what its counterpart has not marked, where enough of both is the same. */
function marked(given: string, counterpart: string | undefined): Child {
  if (counterpart === undefined || given.length > LINE_CHARACTERS) return cut(given);
  const other = counterpart.slice(0, 2 * LINE_CHARACTERS);
  const shorter = Math.min(given.length, other.length);
  let start = 0;
  while (start < shorter && given[start] === other[start]) start++;
  let end = 0;
  while (end < shorter - start && given[given.length - 1 - end] === other[other.length - 1 - end]) end++;
  if ((start + end) * 4 < shorter || start + end >= given.length) return given;
  // No mark begins or ends between the halves of one character.
  if (/[\ud800-\udbff]/.test(given[start - 1] ?? '')) start--;
  if (/[\udc00-\udfff]/.test(given[given.length - end] ?? '')) end--;
  const middle = given.slice(start, given.length - end);
  return [given.slice(0, start), el('mark', {}, middle), given.slice(given.length - end)];
}

function cut(text: string): Child {
  if (text.length <= LINE_CHARACTERS) return text;
  const left = text.length - LINE_CHARACTERS;
  return [
    text.slice(0, LINE_CHARACTERS).toWellFormed(),
    el('span', { class: 'cut' }, `… ${count(left)} characters more in this line`),
  ];
}
