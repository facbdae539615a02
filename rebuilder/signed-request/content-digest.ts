import { isSha256, ReproofError, type Sha256 } from '../../model/index.ts';

const PATTERN = /^sha-256=:([A-Za-z0-9+/]{43}=):$/;

/** A body's digest as the header Content-Digest says it (RFC 9530). */
export function contentDigest(sha256: Sha256): string {
  if (!isSha256(sha256)) throw new ReproofError('INTERNAL', 'writing Content-Digest: not a SHA-256 digest');
  return `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`;
}

/** The digest of a Content-Digest that names one SHA-256 and nothing else; undefined for any other. */
export function readContentDigest(header: string): Sha256 | undefined {
  const text = PATTERN.exec(header)?.[1];
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes.toString('hex') : undefined;
}
