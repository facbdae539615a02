import { createPublicKey, type KeyObject } from 'node:crypto';

/** DER of an Ed25519 SubjectPublicKeyInfo up to the key's 32 bytes (RFC 8410, 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_PATTERN = /^[A-Za-z0-9+/]{43}=$/;

/** A key's name: base64 of the 32 raw bytes of its public half. Takes either half of an Ed25519 key. */
export function keyIdOf(key: KeyObject): string {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
  return spki.subarray(SPKI_PREFIX.length).toString('base64');
}

/** The public key that a name spells; undefined when it spells none, or in another way than keyIdOf does. */
export function publicKeyOf(keyId: string): KeyObject | undefined {
  if (!KEY_PATTERN.test(keyId)) return undefined;
  const raw = Buffer.from(keyId, 'base64');
  if (raw.toString('base64') !== keyId) return undefined;
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}
