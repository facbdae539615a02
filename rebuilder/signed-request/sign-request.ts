import { type KeyObject, sign } from 'node:crypto';
import type { Sha256 } from '../../model/index.ts';
import { contentDigest } from './content-digest.ts';
import { keyIdOf } from './keys.ts';
import { queryComponent, signatureBase, splitTarget } from './signature-base.ts';
import { COVERED, LABEL, writeParameters } from './signature-input.ts';

/** What of a request is signed. */
export type SignedParts = {
  /** In capitals. */
  readonly method: string;
  /** Path and query as the request's first line has them. */
  readonly target: string;
  /** Of the body; of nothing where there is none. */
  readonly bodySha256: Sha256;
};

/** What makes each signature another one. `created` in seconds since 1970; `nonce` 22 to 64 characters of base64. */
export type Freshness = { readonly created: number; readonly nonce: string };

/** The headers that sign a request with an Ed25519 private key: HTTP Message Signatures, RFC 9421. */
export function signRequest(
  parts: SignedParts,
  key: KeyObject,
  { created, nonce }: Freshness,
): Readonly<Record<'content-digest' | 'signature-input' | 'signature', string>> {
  const parameters = writeParameters({ created, nonce, keyId: keyIdOf(key) });
  const base = baseOf(parts, COVERED, parameters);
  return {
    'content-digest': contentDigest(parts.bodySha256),
    'signature-input': `${LABEL}=${parameters}`,
    signature: `${LABEL}=:${sign(null, Buffer.from(base), key).toString('base64')}:`,
  };
}

/** The bytes signed for a request, its components in the order given. */
export function baseOf(parts: SignedParts, covered: readonly (typeof COVERED)[number][], parameters: string): string {
  const { path, query } = splitTarget(parts.target);
  const values = {
    '@method': parts.method,
    '@path': path,
    '@query': queryComponent(query),
    'content-digest': contentDigest(parts.bodySha256),
  };
  return signatureBase(
    covered.map((name) => [name, values[name]]),
    parameters,
  );
}
