import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { isReproofError, ReproofError } from '../../model/index.ts';
import { type KeyAlgorithm, publicKeyOf } from '../public-key.ts';

const CIPHER = 'aes-256-cbc';
const PEM = /^\s*-----BEGIN ((?:ENCRYPTED )?PRIVATE KEY)-----[A-Za-z0-9+/=\s]+-----END \1-----\s*$/;

/** What is said of a key in messages: where it is, and what it has to be. */
export type WantedKey = { readonly doing: string; readonly algorithm: KeyAlgorithm };

/**
 * A private key from PKCS#8 in PEM, encrypted or not. Throws KEY_INVALID where it is cut off, damaged or of another
 * kind, KEY_LOCKED where the passphrase is missing or another. No message holds anything of the key.
 */
export function readPrivateKey(pem: string, passphrase: string | undefined, wanted: WantedKey): KeyObject {
  const { doing, algorithm } = wanted;
  const [, label] = PEM.exec(pem) ?? [];
  if (label === undefined)
    throw new ReproofError(
      'KEY_INVALID',
      /-----BEGIN (?:EC|RSA|OPENSSH) PRIVATE KEY-----/.test(pem)
        ? `${doing}: it is no PKCS#8; openssl pkcs8 -topk8 makes that of it`
        : `${doing}: it is no PKCS#8 in PEM, or it is cut off`,
    );
  const encrypted = label !== 'PRIVATE KEY';
  if (encrypted && passphrase === undefined)
    throw new ReproofError('KEY_LOCKED', `${doing}: it is encrypted, and no passphrase is given`);
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: 'pem', ...(encrypted ? { passphrase } : {}) });
  } catch {
    // The library's own error may quote what it read.
    throw encrypted
      ? new ReproofError('KEY_LOCKED', `${doing}: the passphrase does not open it, or it is damaged`)
      : new ReproofError('KEY_INVALID', `${doing}: it is damaged`);
  }
  if (algorithmOf(key) !== algorithm)
    throw new ReproofError('KEY_INVALID', `${doing}: it is another kind of key than ${NAMES[algorithm]}`);
  return key;
}

const NAMES: Readonly<Record<KeyAlgorithm, string>> = {
  'ecdsa-p256-sha256': 'ECDSA over P-256',
  ed25519: 'Ed25519',
};

function algorithmOf(key: KeyObject): KeyAlgorithm | undefined {
  try {
    return publicKeyOf(key).algorithm;
  } catch (error) {
    if (isReproofError(error, 'KEY_INVALID')) return undefined;
    throw error;
  }
}

/** A new private key. */
export function makePrivateKey(algorithm: KeyAlgorithm): KeyObject {
  return algorithm === 'ed25519'
    ? generateKeyPairSync('ed25519').privateKey
    : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/** A private key as PKCS#8 in PEM, encrypted where there is a passphrase. */
export function writePrivateKey(key: KeyObject, passphrase: string | undefined): string {
  const locked = passphrase === undefined ? {} : { cipher: CIPHER, passphrase };
  return key.export({ type: 'pkcs8', format: 'pem', ...locked }).toString();
}
