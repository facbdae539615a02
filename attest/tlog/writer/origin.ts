import { hash } from 'node:crypto';
import { ReproofError } from '../../../model/index.ts';
import { readCheckpoint } from '../checkpoint.ts';
import { NOTE_LIMITS, readNote } from '../note.ts';
import { rawEd25519 } from '../note-key.ts';
import { folderSource } from '../reader/tile-source.ts';
import type { LogOptions } from './types.ts';

/** A host's name in lower case, of two labels or more: verifiers compare it with the host of an address. */
const HOST = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a log can have this name. */
export function isOrigin(text: string): boolean {
  return HOST.test(text);
}

/**
 * The name of a log: as its checkpoint has it, since a log keeps its name; for a new one the name that is set, or one made
 * of its key. The latter is under .alt, which RFC 9476 sets aside for names that are no hosts: it promises no address.
 * Throws SETTINGS_INVALID where another name is set than the log has, LOG_MALFORMED.
 */
export async function readOrigin({
  folder,
  origin,
  signer,
}: Pick<LogOptions, 'folder' | 'origin' | 'signer'>): Promise<string> {
  if (origin !== undefined && !isOrigin(origin))
    throw new ReproofError(
      'SETTINGS_INVALID',
      `naming a log: ${JSON.stringify(origin.slice(0, 300))} is no host's name`,
    );
  const bytes = await folderSource(folder).read('checkpoint', NOTE_LIMITS.bytes);
  if (bytes === undefined) return origin ?? madeOf(rawEd25519(signer.publicKey));
  // Only the name is taken, and it is verified with the signature when the log is opened.
  const kept = readCheckpoint(readNote(bytes).text).origin;
  if (origin !== undefined && origin !== kept)
    throw new ReproofError(
      'SETTINGS_INVALID',
      `opening the log: it is named ${kept}, and log.origin says ${origin}; a log keeps its name`,
    );
  return kept;
}

function madeOf(publicKey: Uint8Array): string {
  return `log-${hash('sha256', publicKey, 'hex').slice(0, 16)}.reproof.alt`;
}
