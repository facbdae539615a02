import { createPublicKey, type KeyObject } from 'node:crypto';
import { ReproofError } from '../model/index.ts';

/** SubjectPublicKeyInfo of Ed25519 as RFC 8410 has it, and as rebuilderd's library writes and reads it: with NULL parameters. */
const STANDARD = Buffer.from('302a300506032b6570032100', 'hex');
const WITH_NULL = Buffer.from('302c300706032b65700500032100', 'hex');
const KEY_BYTES = 32;

/** A public key of 32 raw bytes as node:crypto takes it. */
export function publicKeyObject(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([STANDARD, raw]), format: 'der', type: 'spki' });
}

/** A public key as rebuilderd serves it and its clients read it: PEM with NULL parameters and lines that end in CR LF. */
export function publicKeyPem(raw: Uint8Array): string {
  const text = Buffer.concat([WITH_NULL, raw]).toString('base64');
  const lines = text.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\r\n');
}

/** The 32 raw bytes of a public key in PEM, with NULL parameters or without. Throws REQUEST_INVALID. */
export function readPublicKeyPem(pem: string): Uint8Array {
  const body = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]{1,200})-----END PUBLIC KEY-----\s*$/.exec(pem)?.[1];
  const der = Buffer.from((body ?? '').replaceAll(/\s/g, ''), 'base64');
  for (const prefix of [STANDARD, WITH_NULL])
    if (der.length === prefix.length + KEY_BYTES && der.subarray(0, prefix.length).equals(prefix))
      return new Uint8Array(der.subarray(prefix.length));
  throw new ReproofError('REQUEST_INVALID', 'reading a public key: it is no PEM of an Ed25519 key');
}
