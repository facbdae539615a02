/**
 * What moves a terminal, turns the direction of text or cannot be seen: C0 but tab and newline, DEL, C1, soft hyphen,
 * Arabic letter mark, zero-width characters, line separators, bidirectional controls (Unicode 9 annex), byte order mark,
 * interlinear marks, tags, and halves of surrogate pairs.
 */
const ACTIVE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/** A piece of text from outside: as it is, or an active character in words that can be seen. */
export type InertPart = { readonly text: string; readonly active: boolean };

/** Whether a text has anything that has to be made inert. */
export function isActive(text: string): boolean {
  return text.search(ACTIVE) !== -1;
}

/** A text in pieces, so that what was written for an active character can be told from the same letters in the text. */
export function inertParts(text: string): readonly InertPart[] {
  const parts: InertPart[] = [];
  let at = 0;
  for (const match of text.matchAll(ACTIVE)) {
    if (match.index > at) parts.push({ text: text.slice(at, match.index), active: false });
    parts.push({ text: written(match[0]), active: true });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), active: false });
  return parts;
}

/** The same as one text, for attributes and titles. */
export function inertText(text: string): string {
  return isActive(text) ? text.replace(ACTIVE, written) : text;
}

/** The same in an address: %HH, as UTF-8. */
export function inertAddress(address: string): string {
  return address.toWellFormed().replace(ACTIVE, encodeURIComponent);
}

/** \xHH, \uHHHH or \u{HHHHH}. */
function written(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
}
