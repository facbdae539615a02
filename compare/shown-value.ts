import { createHash } from 'node:crypto';
import { escapeName } from './escape.ts';

const SHOWN_CHARACTERS = 200;

/** Bytes as latin1, escaped; long text is cut, with the digest of all of it for what differs further on. */
export function shownValue(text: string): string {
  if (text.length <= SHOWN_CHARACTERS) return escapeName(text);
  const digest = createHash('sha256').update(text, 'latin1').digest('hex');
  return `${escapeName(text.slice(0, SHOWN_CHARACTERS))}… (${text.length} bytes, sha256 ${digest})`;
}
