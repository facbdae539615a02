import {
  folderSource,
  NOTE_LIMITS,
  openCheckpoint,
  openTree,
  readVerifierKey,
  type SignedCheckpoint,
  type VerifiedTree,
  type VerifierKey,
} from '../../attest/index.ts';
import { isReproofError } from '../../model/index.ts';

/** A log as it was at one moment. */
export type DataLog = { readonly key: VerifierKey; readonly signed: SignedCheckpoint; readonly tree: VerifiedTree };

const TRIES = 5;
const VKEY_BYTES = 4096;

/**
 * The log of a folder as it is now; undefined where there is none. A writer may put new files in the place of those at its
 * edge meanwhile: it is looked again then. Throws LOG_CORRUPT, LOG_MALFORMED, LOG_SIGNATURE_INVALID.
 */
export async function readDataLog(folder: string): Promise<DataLog | undefined> {
  const source = folderSource(folder);
  for (let tries = 1; ; tries++) {
    const [vkey, checkpoint] = await Promise.all([
      source.read('log.vkey', VKEY_BYTES),
      source.read('checkpoint', NOTE_LIMITS.bytes),
    ]);
    if (vkey === undefined || checkpoint === undefined) return undefined;
    const key = readVerifierKey(Buffer.from(vkey).toString('utf8').trim());
    const signed = openCheckpoint(checkpoint, key);
    try {
      return { key, signed, tree: await openTree(source, signed.checkpoint) };
    } catch (error) {
      if (tries === TRIES || !isReproofError(error, 'LOG_CORRUPT')) throw error;
    }
  }
}
