import { createPublicKey, verify } from 'node:crypto';
import { ReproofError } from '../../model/index.ts';
import type { Signer } from '../signer.ts';
import { decodeBase64 } from '../strict-json.ts';
import { readCosignature } from './cosignature.ts';
import {
  isKeyName,
  KEY_ID_BYTES,
  type NoteSignature,
  rawEd25519,
  spkiOfEd25519,
  type VerifierKey,
  verifierKey,
} from './note-key.ts';
import { malformed, toBase64 } from './strict-text.ts';

/** A signed note. `text` ends in a line feed and is what is signed. */
export type Note = { readonly text: string; readonly signatures: readonly NoteSignature[] };

export type NoteLimits = { readonly bytes: number; readonly signatures: number };

/** At least 16 signatures have to be accepted; those of ML-DSA-44 are nearly 5 kB. */
export const NOTE_LIMITS: NoteLimits = { bytes: 128 * 1024, signatures: 64 };

const SIGNATURE_BYTES = 64;
const LINE_START = '— ';

/**
 * Reads a signed note (c2sp.org/signed-note). Nothing in it may be believed before verifyNote.
 * Throws LOG_MALFORMED for what the specification does not allow.
 */
export function readNote(bytes: Uint8Array, limits: NoteLimits = NOTE_LIMITS): Note {
  const doing = 'reading a signed note';
  if (bytes.length > limits.bytes) throw malformed(doing, `it is of more than ${limits.bytes} bytes`);
  const whole = decode(bytes, doing);
  const split = whole.lastIndexOf('\n\n');
  if (split < 0) throw malformed(doing, 'no blank line parts its text from its signatures');
  const lines = whole.slice(split + 2).split('\n');
  if (lines.pop() !== '') throw malformed(doing, 'its last line has no end');
  return { text: whole.slice(0, split + 1), signatures: readLines(lines, limits) };
}

/** Signature lines alone, as a witness answers with. Throws LOG_MALFORMED. */
export function readSignatureLines(bytes: Uint8Array, limits: NoteLimits = NOTE_LIMITS): readonly NoteSignature[] {
  const doing = 'reading signature lines';
  if (bytes.length > limits.bytes) throw malformed(doing, `they are of more than ${limits.bytes} bytes`);
  const lines = decode(bytes, doing).split('\n');
  if (lines.pop() !== '') throw malformed(doing, 'the last has no end');
  return readLines(lines, limits);
}

function readLines(lines: readonly string[], limits: NoteLimits): readonly NoteSignature[] {
  const doing = 'reading a signed note';
  if (lines.length === 0) throw malformed(doing, 'it has no signature');
  if (lines.length > limits.signatures) throw malformed(doing, `it has more than ${limits.signatures} signatures`);
  return lines.map((line) => {
    const [name, signature, ...more] = line.startsWith(LINE_START) ? line.slice(LINE_START.length).split(' ') : [];
    const both = decodeBase64(signature ?? '');
    if (name === undefined || both === undefined || more.length > 0 || !isKeyName(name) || both.length <= KEY_ID_BYTES)
      throw malformed(doing, 'a signature line is not "— NAME BASE64"');
    return {
      name,
      keyId: Buffer.from(both.subarray(0, KEY_ID_BYTES)).toString('hex'),
      signature: both.subarray(KEY_ID_BYTES),
    };
  });
}

function decode(bytes: Uint8Array, doing: string): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed(doing, 'it is not UTF-8');
  }
  if (/[\x00-\x09\x0b-\x1f]/.test(text)) throw malformed(doing, 'it holds a control character');
  return text;
}

/** The bytes of a note that readNote reads back. */
export function writeNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(writeSignatureLine).join('')}`;
}

export function writeSignatureLine({ name, keyId, signature }: NoteSignature): string {
  return `${LINE_START}${name} ${toBase64(Buffer.concat([Buffer.from(keyId, 'hex'), signature]))}\n`;
}

/** A note of this text with one signature, of type 1. `text` has to end in a line feed. */
export async function signNote(text: string, name: string, signer: Pick<Signer, 'publicKey' | 'sign'>): Promise<Note> {
  const { keyId } = verifierKey(name, 1, rawEd25519(signer.publicKey));
  return { text, signatures: [{ name, keyId, signature: await signer.sign(Buffer.from(text)) }] };
}

/**
 * The keys whose signatures a note carries, each once; signatures of other keys are passed over, as the specification
 * asks. Throws LOG_SIGNATURE_INVALID where one of a given key is wrong, or none is there.
 */
export function verifyNote(note: Note, keys: readonly VerifierKey[]): readonly VerifierKey[] {
  const found = new Set<VerifierKey>();
  for (const signature of note.signatures)
    for (const key of keys) {
      if (key.name !== signature.name || key.keyId !== signature.keyId) continue;
      if (!isSignatureOf(key, note.text, signature.signature))
        throw new ReproofError(
          'LOG_SIGNATURE_INVALID',
          `verifying a signed note: the signature of ${key.name} (${key.keyId}) is not over this text`,
        );
      found.add(key);
    }
  if (found.size === 0)
    throw new ReproofError(
      'LOG_SIGNATURE_INVALID',
      `verifying a signed note: none of its signatures is by ${keys.map((key) => `${key.name} (${key.keyId})`).join(', ') || 'a key that was given'}`,
    );
  return [...found];
}

function isSignatureOf(key: VerifierKey, text: string, signature: Uint8Array): boolean {
  if (key.type === 1) return isEd25519(key.publicKey, Buffer.from(text), signature);
  const read = readCosignature(text, signature);
  return read !== undefined && isEd25519(key.publicKey, read.message, read.signature);
}

function isEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  try {
    const key = createPublicKey({ key: Buffer.from(spkiOfEd25519(publicKey)), format: 'der', type: 'spki' });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}
