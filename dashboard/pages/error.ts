import { type Frame, link } from '../frame.ts';
import { el } from '../h.ts';
import type { Page } from '../layout.ts';
import { errorState } from '../parts/states.ts';

/** A failure as the API tells it. */
export type ToldFailure = { readonly status: number; readonly code: string; readonly message: string };

const TITLES: Readonly<Record<number, string>> = {
  400: 'This address says something we do not understand',
  401: 'This page needs a token',
  403: 'The token is not allowed to see this page',
  404: 'There is nothing here',
  429: 'Too many requests',
  503: 'The service is busy or stopping',
};

/** What is shown in place of a page that cannot be. */
export function errorPage(frame: Frame, { status, code, message }: ToldFailure): Page {
  const title = TITLES[status] ?? (status >= 500 ? 'Something failed here' : 'This cannot be answered');
  return {
    title,
    unlisted: true,
    main: [
      el('h1', {}, title),
      errorState(`${status}`, message, ' (', el('code', {}, code), ').'),
      el(
        'p',
        {},
        status === 503 || status === 429 ? 'Wait a little and load the page again, or go to the ' : 'Go to the ',
        el('a', { href: link(frame, []) }, 'overview'),
        ', or ',
        el('a', { href: link(frame, ['packages']) }, 'look for a package'),
        '.',
      ),
    ],
  };
}
