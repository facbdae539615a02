import { isReproofError, type ReproofError } from '../model/index.ts';
import { escapeText } from './escape.ts';

/** What only means that one thing could not be looked at. */
export function isNote(error: unknown): error is ReproofError {
  return isReproofError(error) && /^(ARCHIVE|ELF|PROGRAM|DEB822|FORMAT)_/.test(error.code);
}

/** Escaped. */
export function noteOf({ code, message }: ReproofError): string {
  return escapeText(`${code}: ${message}`);
}
