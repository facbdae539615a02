import { type Child, type Element, el } from '../h.ts';

/** Text to copy, such as a command. The button appears where the island `copy` runs. */
export function codeToCopy(label: string, text: string): Element {
  return el(
    'div',
    { class: 'copy', 'data-copy': true },
    el('pre', { tabindex: 0, 'aria-label': label }, el('code', {}, text)),
    el('button', { type: 'button', hidden: true, 'aria-label': `Copy: ${label}` }, 'Copy'),
  );
}

/** A digest that may break anywhere, and is copied whole. */
export function digest(text: string): Element {
  return el('code', { class: 'digest' }, text);
}

/** Name and value pairs. */
export function facts(pairs: readonly (readonly [label: string, value: Child])[]): Element {
  return el(
    'dl',
    { class: 'facts' },
    pairs.map(([label, value]) => el('div', {}, el('dt', {}, label), el('dd', {}, value))),
  );
}
