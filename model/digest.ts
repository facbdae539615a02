import { hash } from 'node:crypto';

/** A SHA-256 digest: 64 lower-case hexadecimal digits. */
export type Sha256 = string;

const SHA256_PATTERN = /^[0-9a-f]{64}$/;

/** True when `text` is a SHA-256 digest in the one spelling used throughout. */
export function isSha256(text: string): text is Sha256 {
  return SHA256_PATTERN.test(text);
}

/** The SHA-256 of bytes already in memory, or of a string's UTF-8 bytes. */
export function sha256Of(data: string | Uint8Array): Sha256 {
  return hash('sha256', data, 'hex');
}

/** A file by content: base name without any folder, size in bytes, SHA-256. */
export type FileDigest = { readonly name: string; readonly size: number; readonly sha256: Sha256 };
