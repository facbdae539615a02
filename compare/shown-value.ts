import { createHash } from 'node:crypto';
import { escapeName, escapeText } from './escape.ts';

const SHOWN_CHARACTERS = 200;

/** Bytes as latin1, escaped; long text is cut, with the digest of all of it for what differs further on. */
export function shownValue(text: string): string {
  if (text.length <= SHOWN_CHARACTERS) return escapeName(text);
  return `${escapeName(text.slice(0, SHOWN_CHARACTERS))}${rest(text, 'latin1')}`;
}

/** The same of any text, which is cut after so many characters. */
export function shownText(text: string, characters: number): string {
  if (text.length <= characters) return escapeText(text);
  return `${escapeText(text.slice(0, characters))}${rest(text, 'utf8')}`;
}

function rest(text: string, encoding: 'latin1' | 'utf8'): string {
  const digest = createHash('sha256').update(text, encoding).digest('hex');
  return `… (${Buffer.byteLength(text, encoding)} bytes, sha256 ${digest})`;
}
