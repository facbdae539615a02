import { inertAddress, inertParts, inertText, isActive } from './inert.ts';

/** A piece of a page, written already. Only `el` makes one: what else stands in its place, such as JSON, is not written. */
class Written {
  readonly #html: string;
  constructor(html: string) {
    this.#html = html;
  }
  /** Its markup. */
  get html(): string {
    return this.#html;
  }
}

export type Element = Written;
export type Child = Element | string | number | undefined | false | readonly Child[];
/**
 * Attributes as HTML writes them: `class`, `for`. No `style` and no handlers: the Content-Security-Policy would stop
 * them. False and undefined leave one out; true writes it without a value. Names are ours, values anybody's.
 */
export type Attributes = {
  readonly [name: string]: string | number | boolean | undefined;
  readonly [handler: `on${string}`]: never;
  readonly style?: never;
};

/** Elements that hold nothing but text. */
const TEXT_ONLY = new Set(['title', 'desc', 'text', 'tspan', 'option', 'textarea']);
/** Elements that hold nothing (HTML, 13.1.2), those of them that we have. */
const VOID = new Set(['br', 'hr', 'img', 'input', 'link', 'meta', 'wbr']);
const ADDRESSES = new Set(['href', 'src', 'action', 'formaction', 'cite', 'data', 'poster']);
/** In what is sent back as it is: no character of HTML (HTML, 13.1.3), but tab and newline. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Of this page, of this host, or of a protocol that runs nothing. */
const SAFE_ADDRESS = /^(?:https?:\/\/|mailto:|[/?#]|data:image\/(?:png|svg\+xml);)/i;
/** Nearly all text: nothing in it is markup, active or beyond ASCII, and so it is written as it is. */
const PLAIN = /^[\t\n !#-%'-;=-~]*$/;
const MARKUP = /[&<"]/g;
const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '"': '&quot;' };

/**
 * An element, written at once: pages are written from the inside out, and nothing is walked again. Text may be anybody's:
 * it is escaped, and what in it cannot be seen or turns the direction of text is written out (`inert.ts`). An address that
 * could run something is left out.
 */
export function el(tag: string, attributes?: Attributes, ...children: readonly Child[]): Element {
  let html = `<${tag}`;
  for (const name in attributes) {
    const value = attributes[name];
    if (value === undefined || value === false) continue;
    // Those with a dash say what is true (ARIA, data), the others by being there.
    if (value === true) html += name.includes('-') ? ` ${name}="true"` : ` ${name}`;
    else if (typeof value === 'number') html += ` ${name}="${value}"`;
    else {
      const safe = PLAIN.test(value) && !ADDRESSES.has(name) ? value : attribute(name, value);
      if (safe !== undefined) html += safe === '' ? ` ${name}` : ` ${name}="${safe}"`;
    }
  }
  if (VOID.has(tag)) return new Written(`${html}/>`);
  html += '>';
  const text = TEXT_ONLY.has(tag) ? plainText : visibleText;
  for (const child of children) html += written(child, text);
  return new Written(`${html}</${tag}>`);
}

function attribute(name: string, value: string): string | undefined {
  if (ADDRESSES.has(name)) {
    if (!SAFE_ADDRESS.test(value)) return undefined;
    return PLAIN.test(value) ? value : escaped(inertAddress(value));
  }
  return escaped(name === 'value' ? value.toWellFormed().replace(CONTROLS, '') : inertText(value));
}

function written(child: Child, text: (text: string) => string): string {
  if (typeof child === 'string') return PLAIN.test(child) ? child : text(child);
  if (child instanceof Written) return child.html;
  if (typeof child === 'number') return String(child);
  if (!Array.isArray(child)) return '';
  let html = '';
  for (const one of child as readonly Child[]) html += written(one, text);
  return html;
}

function plainText(text: string): string {
  return escaped(inertText(text));
}

function visibleText(text: string): string {
  if (!isActive(text)) return escaped(text);
  return inertParts(text)
    .map((part) =>
      part.active
        ? `<span class="inert" title="a character that cannot be seen">${part.text}</span>`
        : escaped(part.text),
    )
    .join('');
}

function escaped(text: string): string {
  return PLAIN.test(text) ? text : text.replace(MARKUP, (character) => ESCAPED[character] as string);
}
