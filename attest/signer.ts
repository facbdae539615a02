import { type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { type PublicKey, publicKeyOf } from './public-key.ts';

/** Holds a key and signs with it. A key service or a hardware key is another implementation. */
export interface Signer extends PublicKey {
  /** ECDSA: DER of r and s over SHA-256 of the message. Ed25519: 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

const signAside = promisify(sign);

/**
 * Signs with a private key in memory, in one of Node's own threads: many messages are signed on all cores, and who asks
 * a server meanwhile does not wait. Throws KEY_INVALID for a key that is neither ECDSA P-256 nor Ed25519.
 */
export function keySigner(privateKey: KeyObject): Signer {
  const key = publicKeyOf(privateKey);
  const digest = key.algorithm === 'ed25519' ? null : 'sha256';
  return { ...key, sign: async (message) => new Uint8Array(await signAside(digest as string, message, privateKey)) };
}
