import { escapeText } from '../../escape.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element or a quoted attribute: harmless for terminals first, then for HTML. */
export function html(text: string): string {
  return escapeText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/** The addresses of a node's children, as fragments of the page: readable, without blanks, apart among siblings. */
export function childAddresses(parent: string, paths: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return paths.map((path) => {
    const count = (seen.get(path) ?? 0) + 1;
    seen.set(path, count);
    return `${parent}/${addressOf(path)}${count === 1 ? '' : `~${count}`}`;
  });
}

/** One part of an address. Slashes stay: they are what a path is read by. */
export function addressOf(path: string): string {
  return encodeURIComponent(escapeText(path)).replaceAll('%2F', '/').replaceAll("'", '%27');
}
