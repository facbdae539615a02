import { type Frame, link, queryText } from '../frame.ts';
import { type Child, type Element, el } from '../h.ts';
import type { Page } from '../layout.ts';
import { timeElement } from '../parts/time.ts';

/** What operators' pages are drawn in: who looks, and what their forms have to bring back. */
export type OperatorFrame = Frame & {
  readonly who: { readonly name: string; readonly role: string; readonly until: string };
  readonly csrf: string;
  /** What was done just now; `undo` names how it is taken back. */
  readonly notice?: { readonly text: string; readonly undo?: string };
};

const PARTS = [
  ['queue', 'Queue'],
  ['workers', 'Workers'],
  ['tokens', 'Tokens'],
  ['audit', 'Audit log'],
] as const;
export type OperatorPart = (typeof PARTS)[number][0];
/** What only administrators are shown. */
const ADMIN: readonly OperatorPart[] = ['tokens', 'audit'];

/** A page of operators: its heading, who looks, the way to the others, what was done just now. */
export function operatorPage(
  frame: OperatorFrame,
  about: { readonly title: string; readonly part?: OperatorPart },
  ...main: readonly Child[]
): Page {
  const { who, notice } = frame;
  const parts = PARTS.filter(([part]) => who.role === 'admin' || !ADMIN.includes(part));
  return {
    title: about.title,
    section: 'operator',
    unlisted: true,
    main: [
      el(
        'div',
        { class: 'operator-bar' },
        el(
          'nav',
          { 'aria-label': 'Operators' },
          el(
            'ul',
            { class: 'inline' },
            parts.map(([part, label]) =>
              el(
                'li',
                {},
                el(
                  'a',
                  { href: link(frame, ['operator', part]), 'aria-current': part === about.part && 'page' },
                  label,
                ),
              ),
            ),
          ),
        ),
        el(
          'form',
          { action: link(frame, ['operator', 'sign-out']), method: 'post', class: 'inline-form' },
          csrfField(frame),
          el('span', {}, el('bdi', {}, who.name), ` (${who.role}), signed in; ends `, timeElement(frame, who.until)),
          el('button', { class: 'quiet' }, 'Sign out'),
        ),
      ),
      el('h1', {}, about.title),
      notice !== undefined &&
        el(
          'div',
          { class: 'state notice', role: 'status' },
          el('p', {}, notice.text),
          notice.undo !== undefined &&
            el(
              'form',
              { action: link(frame, ['operator', 'queue', 'undo']), method: 'post', class: 'inline-form' },
              csrfField(frame),
              el('input', { type: 'hidden', name: 'undo', value: notice.undo }),
              el('button', { class: 'quiet' }, 'Undo'),
            ),
        ),
      main,
    ],
  };
}

/** The proof that a form is of a page of ours. */
export function csrfField({ csrf }: Pick<OperatorFrame, 'csrf'>): Element {
  return el('input', { type: 'hidden', name: 'csrf', value: csrf });
}

/** A field with its label above it. `id` is the control's. */
export function field(id: string, label: string, control: Element): Element {
  return el('div', { class: 'input' }, el('label', { for: id }, label), control);
}

export function textField(id: string, label: string, value: string | undefined): Element {
  return field(
    id,
    label,
    el('input', { id, name: nameOf(id), value: value ?? '', maxlength: 200, autocomplete: 'off' }),
  );
}

/** A choice of one; the first of no value stands for none. */
export function choice(
  id: string,
  label: string,
  options: readonly (readonly [value: string, label: string])[],
  chosen = '',
): Element {
  return field(
    id,
    label,
    el(
      'select',
      { id, name: nameOf(id) },
      options.map(([value, words]) => el('option', { value, selected: value === chosen }, words)),
    ),
  );
}

/** The address of an operators' page. */
export function operatorLink(
  frame: Frame,
  segments: readonly string[],
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  return `${link(frame, ['operator', ...segments])}${queryText(query)}`;
}

function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('-') + 1);
}
