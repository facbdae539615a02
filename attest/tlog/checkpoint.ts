import { ReproofError } from '../../model/index.ts';
import type { Signer } from '../signer.ts';
import { decodeBase64 } from '../strict-json.ts';
import { EMPTY_ROOT } from './merkle.ts';
import { NOTE_LIMITS, type Note, type NoteLimits, readNote, signNote, verifyNote } from './note.ts';
import type { VerifierKey } from './note-key.ts';
import { malformed, readWhole, sameBytes, toBase64 } from './strict-text.ts';

/** A log's tree at one size (c2sp.org/tlog-checkpoint). `rootHash` is of 32 bytes. */
export type Checkpoint = {
  readonly origin: string;
  readonly size: number;
  readonly rootHash: Uint8Array;
  /** Opaque lines, none of them empty. Ours has none. */
  readonly extensions: readonly string[];
};

/** A checkpoint whose log signature was verified, and the note it came in with all its other signatures. */
export type SignedCheckpoint = { readonly checkpoint: Checkpoint; readonly note: Note };

/** The text of a checkpoint, which is what is signed. */
export function writeCheckpoint({ origin, size, rootHash, extensions }: Checkpoint): string {
  return [origin, size, toBase64(rootHash), ...extensions, ''].join('\n');
}

/** Reads a checkpoint's text. Throws LOG_MALFORMED. */
export function readCheckpoint(text: string): Checkpoint {
  const doing = 'reading a checkpoint';
  const [origin, sizeText, rootText, ...rest] = text.split('\n');
  if (rest.pop() !== '' || [origin, ...rest].includes(''))
    throw malformed(doing, 'it is not an origin, a size and a root, each on a line of its own');
  const size = readWhole(sizeText ?? '');
  if (size === undefined) throw malformed(doing, 'its size is no whole number up to 2^53 - 1 without leading zeros');
  const rootHash = decodeBase64(rootText ?? '');
  if (rootHash?.length !== 32) throw malformed(doing, 'its root is not 32 bytes in base64');
  if (size === 0 && !sameBytes(rootHash, EMPTY_ROOT)) throw malformed(doing, 'its root is not that of an empty tree');
  return { origin: origin as string, size, rootHash, extensions: rest };
}

/** A checkpoint signed by its log. */
export async function signCheckpoint(
  checkpoint: Checkpoint,
  signer: Pick<Signer, 'publicKey' | 'sign'>,
): Promise<SignedCheckpoint> {
  return { checkpoint, note: await signNote(writeCheckpoint(checkpoint), checkpoint.origin, signer) };
}

/**
 * Reads a checkpoint that a log signed: its signature is verified before its text is looked at. The key's name has to be
 * the origin. Throws LOG_MALFORMED, LOG_SIGNATURE_INVALID.
 */
export function openCheckpoint(
  bytes: Uint8Array,
  logKey: VerifierKey,
  limits: NoteLimits = NOTE_LIMITS,
): SignedCheckpoint {
  const note = readNote(bytes, limits);
  verifyNote(note, [logKey]);
  const checkpoint = readCheckpoint(note.text);
  if (checkpoint.origin !== logKey.name)
    throw new ReproofError('LOG_SIGNATURE_INVALID', 'verifying a checkpoint: it names another log than its key');
  return { checkpoint, note };
}

/** Which of the witnesses cosigned a checkpoint: each once, however often it signed. Throws LOG_SIGNATURE_INVALID for a wrong one. */
export function witnessesOf({ note }: SignedCheckpoint, witnesses: readonly VerifierKey[]): readonly VerifierKey[] {
  const known = witnesses.filter(({ type }) => type === 4);
  const present = known.some((key) =>
    note.signatures.some(({ name, keyId }) => name === key.name && keyId === key.keyId),
  );
  return present ? verifyNote(note, known) : [];
}
