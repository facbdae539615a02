import { hash } from 'node:crypto';
import { decodeBase64 } from '../strict-json.ts';
import { malformed, sameBytes, toBase64 } from './strict-text.ts';

/** What a key signs: 1 the text of a note (signed-note), 4 a time and a checkpoint (tlog-cosignature). Both Ed25519. */
export type NoteKeyType = 1 | 4;

/** A key that notes are verified with. Together `name` and `keyId` (8 hex digits) tell which signatures are its own. */
export type VerifierKey = {
  readonly name: string;
  readonly keyId: string;
  readonly type: NoteKeyType;
  /** 32 raw bytes of Ed25519. */
  readonly publicKey: Uint8Array;
};

/** One signature line: `signature` is what follows the four bytes of the key's id. */
export type NoteSignature = { readonly name: string; readonly keyId: string; readonly signature: Uint8Array };

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;
export const KEY_ID_BYTES = 4;
/** White_Space of Unicode and plus may stand in no name. */
const NAME = /^[^\p{White_Space}+]+$/u;

export function isKeyName(name: string): boolean {
  return NAME.test(name);
}

/** The key of a name. Throws LOG_MALFORMED for a name or a key that can be none. */
export function verifierKey(name: string, type: NoteKeyType, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw malformed('making a verifier key', 'its name is empty or holds a blank or a plus');
  if (publicKey.length !== KEY_BYTES) throw malformed('making a verifier key', 'the key is not of 32 bytes');
  return { name, keyId: keyHash(name, type, publicKey).subarray(0, KEY_ID_BYTES).toString('hex'), type, publicKey };
}

/** SHA-256 of `name ‖ 0x0A ‖ type ‖ public key`: its first four bytes are the key's id, all 32 the log id of Rekor v2. */
export function keyHash(name: string, type: NoteKeyType, publicKey: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([type]), publicKey]), 'buffer');
}

/** Reads `NAME+ID+KEY` (signed-note, "Verifier keys"). Throws LOG_MALFORMED, also where the id is not the key's. */
export function readVerifierKey(text: string): VerifierKey {
  const doing = 'reading a verifier key';
  const [name, keyId, rest, ...more] = splitKey(text);
  const bytes = decodeBase64(rest ?? '');
  if (name === undefined || keyId === undefined || bytes === undefined || more.length > 0)
    throw malformed(doing, 'it is not NAME+ID+KEY, with the key in base64');
  const type = bytes[0];
  if (type !== 1 && type !== 4) throw malformed(doing, `its type is ${type ?? 'missing'}; 1 and 4 are known`);
  const key = verifierKey(name, type, bytes.subarray(1));
  if (key.keyId !== keyId) throw malformed(doing, `its id is ${key.keyId} and not ${keyId.slice(0, 20)}`);
  return key;
}

/** Plus signs may be in the base64, in the other parts not. */
function splitKey(text: string): readonly string[] {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  return first < 0 || second < 0 ? [] : [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

export function writeVerifierKey({ name, keyId, type, publicKey }: VerifierKey): string {
  return `${name}+${keyId}+${toBase64(Buffer.concat([Buffer.from([type]), publicKey]))}`;
}

/** The 32 raw bytes of an Ed25519 key in SubjectPublicKeyInfo. Throws LOG_MALFORMED. */
export function rawEd25519(spki: Uint8Array): Uint8Array {
  if (spki.length !== SPKI_PREFIX.length + KEY_BYTES || !sameBytes(spki.subarray(0, SPKI_PREFIX.length), SPKI_PREFIX))
    throw malformed('reading a public key', 'it is no Ed25519 key in SubjectPublicKeyInfo');
  return spki.subarray(SPKI_PREFIX.length);
}

/** SubjectPublicKeyInfo, in DER, of an Ed25519 key of 32 raw bytes. */
export function spkiOfEd25519(raw: Uint8Array): Uint8Array {
  return Buffer.concat([SPKI_PREFIX, raw]);
}
