import { randomBytes } from 'node:crypto';

/** Crockford's base 32: no i, l, o, u, so an id can be read aloud (https://www.crockford.com/base32.html). */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 12;

/** A new rebuild's id: 12 characters of lower-case base 32, 60 random bits. */
export function newId(): string {
  return Array.from(randomBytes(ID_LENGTH), (byte) => ALPHABET[byte & 31]).join('');
}

/** The beginning of an id as it is stored, or undefined when `text` cannot begin one. Upper case and o, i, l are read as Crockford says. */
export function readIdPrefix(text: string): string | undefined {
  const prefix = text.toLowerCase().replaceAll('o', '0').replace(/[il]/g, '1');
  if (prefix.length === 0 || prefix.length > ID_LENGTH) return undefined;
  return [...prefix].every((character) => ALPHABET.includes(character)) ? prefix : undefined;
}
