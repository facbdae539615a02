import type { Frame } from '../frame.ts';
import { type Child, type Element, el } from '../h.ts';
import type { Alternate } from '../layout.ts';
import { timeElement } from './time.ts';

/** Where there is nothing to show: why that is, and what to do. */
export function emptyState(title: string, ...words: readonly Child[]): Element {
  return el(
    'div',
    { class: 'state empty' },
    el('p', { class: 'title' }, title),
    words.length > 0 && el('p', {}, words),
  );
}

/** Where something went wrong: what, and what to do. */
export function errorState(title: string, ...words: readonly Child[]): Element {
  return el('div', { class: 'state error', role: 'alert' }, el('p', { class: 'title' }, title), el('p', {}, words));
}

/** Above what is older than it should be. `since`: when it was true. */
export function staleState(frame: Pick<Frame, 'now'>, since: string, ...words: readonly Child[]): Element {
  return el(
    'div',
    { class: 'state stale', role: 'status' },
    el('p', {}, el('strong', {}, 'This may be out of date: '), 'last told ', timeElement(frame, since), '. ', words),
  );
}

/** A note beside the flow. */
export function note(...words: readonly Child[]): Element {
  return el('p', { class: 'note' }, words);
}

/** The list above or below in other forms. */
export function alternateLinks(alternates: readonly Alternate[]): Element {
  return el(
    'p',
    { class: 'alternates' },
    'This list as ',
    alternates.map(({ href, type, label }, at) => [
      at > 0 && (at === alternates.length - 1 ? ' or ' : ', '),
      el('a', { href, type, rel: 'alternate' }, label),
    ]),
  );
}
