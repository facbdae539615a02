import { type Frame, link } from '../frame.ts';
import { el } from '../h.ts';
import type { Page } from '../layout.ts';
import { errorState, note } from '../parts/states.ts';
import { csrfField } from './frame.ts';

/** Where operators give their token. `next`: where they wanted to go. */
export function signInPage(
  frame: Frame,
  form: { readonly csrf: string; readonly next?: string | undefined; readonly wrong?: string },
): Page {
  const { csrf, next, wrong } = form;
  return {
    title: 'Sign in',
    section: 'operator',
    unlisted: true,
    main: [
      el('h1', {}, 'Sign in'),
      el('p', { class: 'lead' }, 'Operators of this service sign in with a token. Everybody else has no need to.'),
      wrong !== undefined && errorState('You are not signed in', wrong),
      el(
        'form',
        { class: 'ask', action: link(frame, ['operator', 'sign-in']), method: 'post' },
        csrfField({ csrf }),
        next !== undefined && el('input', { type: 'hidden', name: 'next', value: next }),
        el('label', { for: 'token' }, 'Token'),
        el('input', {
          id: 'token',
          name: 'token',
          type: 'password',
          required: true,
          maxlength: 200,
          autocomplete: 'current-password',
          spellcheck: 'false',
        }),
        el('button', {}, 'Sign in'),
      ),
      note('A token is made on the machine of the service: reproof token create NAME --role operator.'),
    ],
  };
}
