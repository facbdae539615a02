import { h, type VNode } from 'preact';
import { inertAddress, inertParts, inertText, isActive } from './inert.ts';

/** A piece of a page. */
export type Element = VNode;
export type Child = Element | string | number | undefined | false | readonly Child[];
/**
 * Attributes as HTML writes them: `class`, `for`. No `style` and no handlers: the Content-Security-Policy would stop
 * them. False and undefined leave one out; true writes it without a value.
 */
export type Attributes = {
  readonly [name: string]: string | number | boolean | undefined;
  readonly [handler: `on${string}`]: never;
  readonly style?: never;
};

/** Elements that hold nothing but text. */
const TEXT_ONLY = new Set(['title', 'desc', 'text', 'tspan', 'option', 'textarea']);
const ADDRESSES = new Set(['href', 'src', 'action', 'formaction', 'cite', 'data', 'poster']);
/** In what is sent back as it is: no character of HTML (HTML, 13.1.3), but tab and newline. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Of this page, of this host, or of a protocol that runs nothing. */
const SAFE_ADDRESS = /^(?:https?:\/\/|mailto:|[/?#]|data:image\/(?:png|svg\+xml);)/i;

/**
 * An element. Text may be anybody's: it is escaped, and what in it cannot be seen or turns the direction of text is
 * written out (`inert.ts`). An address that could run something is left out.
 */
export function el(tag: string, attributes?: Attributes, ...children: readonly Child[]): Element {
  const plain = TEXT_ONLY.has(tag);
  return draw(
    tag,
    attributes === undefined ? null : safe(attributes),
    children.map((child) => inert(child, plain)),
  );
}

function safe(attributes: Attributes): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value !== 'string') all[name] = value;
    else if (ADDRESSES.has(name)) {
      if (SAFE_ADDRESS.test(value)) all[name] = inertAddress(value);
    } else all[name] = name === 'value' ? value.toWellFormed().replace(CONTROLS, '') : inertText(value);
  }
  return all;
}

type Drawn = Element | string | number | undefined | readonly Drawn[];

function inert(child: Child, plain: boolean): Drawn {
  if (child === false || child === undefined) return undefined;
  if (typeof child === 'string') return plain ? inertText(child) : visible(child);
  if (Array.isArray(child)) return (child as readonly Child[]).map((one) => inert(one, plain));
  return child as Element | number;
}

function visible(text: string): Drawn {
  if (!isActive(text)) return text;
  return inertParts(text).map((part) =>
    part.active ? draw('span', { class: 'inert', title: 'a character that cannot be seen' }, [part.text]) : part.text,
  );
}

/** preact's types are of components; what we make are elements alone. */
function draw(tag: string, attributes: Readonly<Record<string, unknown>> | null, children: readonly Drawn[]): Element {
  return h(tag, attributes as null, ...(children as readonly string[])) as unknown as Element;
}
