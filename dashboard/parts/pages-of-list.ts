import { type Query, queryText } from '../frame.ts';
import { type Element, el } from '../h.ts';
import { count } from './numbers.ts';

/**
 * The way to the next part of a list, and back to its beginning: plain links, so that the state is in the address.
 * `query` is that of the list without its cursor.
 */
export function pagesOfList(given: {
  readonly path: string;
  readonly query: Query;
  readonly total: number;
  readonly shown: number;
  readonly next?: string | undefined;
  /** Whether this is a later part. */
  readonly later: boolean;
}): Element {
  const { path, query, total, shown, next, later } = given;
  const first = next === undefined ? `All ${count(total)}` : `The first ${count(shown)} of ${count(total)}`;
  return el(
    'nav',
    { class: 'pages', 'aria-label': 'Parts of this list' },
    el('p', {}, later ? `${count(shown)} of ${count(total)}` : first),
    later && el('a', { href: `${path}${queryText(query)}` }, 'From the beginning'),
    next !== undefined && el('a', { href: `${path}${queryText({ ...query, cursor: next })}`, rel: 'next' }, 'Next'),
  );
}
