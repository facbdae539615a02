import { type Child, type Element, el } from '../h.ts';

/** A field with its label above it. `hint` is read with the field. */
export function textField(given: {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly hint?: string;
  readonly type?: 'search' | 'text';
}): Element {
  const { name, label, value, hint, type = 'text' } = given;
  const id = `field-${name}`;
  return el(
    'div',
    { class: 'field' },
    el('label', { for: id }, label),
    el('input', {
      id,
      name,
      type,
      value: value ?? '',
      maxlength: 200,
      autocomplete: 'off',
      spellcheck: 'false',
      'aria-describedby': hint !== undefined && `${id}-hint`,
    }),
    hint !== undefined && el('p', { class: 'hint', id: `${id}-hint` }, hint),
  );
}

/** A choice of one. The first option, of the empty value, is any. */
export function choice(given: {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly any: string;
  readonly options: readonly (readonly [value: string, label: string])[];
}): Element {
  const { name, label, value, any, options } = given;
  const id = `field-${name}`;
  // What an address asks for and is not there (any more) stays chosen, so that the page says what it shows.
  const known = value === undefined || value === '' || options.some(([one]) => one === value);
  const all = known ? options : [...options, [value, value] as const];
  return el(
    'div',
    { class: 'field' },
    el('label', { for: id }, label),
    el(
      'select',
      { id, name },
      el('option', { value: '' }, any),
      all.map(([one, text]) => el('option', { value: one, selected: one === value }, text)),
    ),
  );
}

/** A box to tick. */
export function tick(given: { readonly name: string; readonly label: Child; readonly checked: boolean }): Element {
  const { name, label, checked } = given;
  const id = `field-${name}`;
  return el(
    'div',
    { class: 'field tick' },
    el('input', { id, name, type: 'checkbox', value: 'yes', checked }),
    el('label', { for: id }, label),
  );
}
