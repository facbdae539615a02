import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { ReproofError } from '../model/index.ts';

/** How a key signs: ECDSA over P-256 and SHA-256 with the signature in DER, or Ed25519 (RFC 8032, the message itself). */
export type KeyAlgorithm = 'ecdsa-p256-sha256' | 'ed25519';

/** A public key that signatures are checked with. */
export type PublicKey = {
  /** SHA-256 of the SubjectPublicKeyInfo in DER: 64 hexadecimal digits. The key's one name. */
  readonly keyid: string;
  readonly algorithm: KeyAlgorithm;
  /** SubjectPublicKeyInfo in DER (RFC 5280), in its one spelling. */
  readonly publicKey: Uint8Array;
};

const KEY_BYTES = 200;

/** A public key of one of our two kinds, from SubjectPublicKeyInfo in DER. Throws KEY_INVALID. */
export function readPublicKey(der: Uint8Array): PublicKey {
  if (der.length > KEY_BYTES) throw new ReproofError('KEY_INVALID', 'reading a public key: it is too long');
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  } catch (cause) {
    throw new ReproofError('KEY_INVALID', 'reading a public key: it is no public key', { cause });
  }
  const read = publicKeyOf(key);
  // Another spelling of the same key would give it another name.
  if (!Buffer.from(read.publicKey).equals(der))
    throw new ReproofError('KEY_INVALID', 'reading a public key: it is not spelled as DER spells it');
  return read;
}

/** A public key of one of our two kinds, from PEM. Throws KEY_INVALID. */
export function readPublicKeyText(pem: string): PublicKey {
  const body = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]{1,400})-----END PUBLIC KEY-----\s*$/.exec(pem)?.[1];
  return readPublicKey(Buffer.from((body ?? '').replaceAll(/\s/g, ''), 'base64'));
}

/** The key as PEM, as openssl and cosign read it. */
export function publicKeyText({ publicKey }: PublicKey): string {
  const lines =
    Buffer.from(publicKey)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n');
}

/** What is public of a key pair. Throws KEY_INVALID for a key of a kind that is not ours. */
export function publicKeyOf(key: KeyObject): PublicKey {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  const algorithm = algorithmOf(half);
  const publicKey = new Uint8Array(half.export({ format: 'der', type: 'spki' }));
  return { keyid: createHash('sha256').update(publicKey).digest('hex'), algorithm, publicKey };
}

function algorithmOf(key: KeyObject): KeyAlgorithm {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1')
    return 'ecdsa-p256-sha256';
  throw new ReproofError(
    'KEY_INVALID',
    'reading a key: it is neither ECDSA over P-256 nor Ed25519, the two kinds that are used',
  );
}

/** Whether a signature over a message is this key's. Never throws for what a signature can be. */
export function isSignatureOf(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  const object = createPublicKey({ key: Buffer.from(key.publicKey), format: 'der', type: 'spki' });
  try {
    return verify(key.algorithm === 'ed25519' ? null : 'sha256', message, object, signature);
  } catch {
    return false;
  }
}
