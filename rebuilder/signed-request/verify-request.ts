import { verify } from 'node:crypto';
import type { Sha256 } from '../../model/index.ts';
import { readContentDigest } from './content-digest.ts';
import { publicKeyOf } from './keys.ts';
import { baseOf } from './sign-request.ts';
import { LABEL, readSignatureInput } from './signature-input.ts';

/** How far a signature's time may be from ours, in seconds, either way. */
export const CLOCK_SECONDS = 300;

/** A request as it came: headers by lower-case name. */
export type ReceivedRequest = {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
};

/**
 * What a signature proves: that the holder of `keyId` made this request, with a body of this digest, at about this time.
 * Whether the key is known, the nonce new and the body the one named is for the caller to say.
 */
export type Signed = {
  readonly kind: 'signed';
  readonly keyId: string;
  readonly nonce: string;
  readonly bodySha256: Sha256;
};
export type Unsigned = {
  readonly kind: 'unsigned' | 'malformed' | 'stale' | 'false';
  readonly why: string;
};

const SIGNATURE = new RegExp(`^${LABEL}=:([A-Za-z0-9+/]{86}==):$`);

/** Checks a request's signature and its time. `now` in seconds since 1970. */
export function verifyRequest(request: ReceivedRequest, now: number): Signed | Unsigned {
  const { headers } = request;
  const [inputText, signatureText, digestText] = [
    headers['signature-input'],
    headers.signature,
    headers['content-digest'],
  ];
  if (inputText === undefined && signatureText === undefined)
    return { kind: 'unsigned', why: 'the request is not signed' };
  const input = typeof inputText === 'string' ? readSignatureInput(inputText) : undefined;
  if (input === undefined) return malformed('Signature-Input');
  const signature = typeof signatureText === 'string' ? SIGNATURE.exec(signatureText)?.[1] : undefined;
  if (signature === undefined) return malformed('Signature');
  const bodySha256 = typeof digestText === 'string' ? readContentDigest(digestText) : undefined;
  if (bodySha256 === undefined) return malformed('Content-Digest');
  const key = publicKeyOf(input.keyId);
  if (key === undefined) return malformed('the keyid of Signature-Input');
  const seconds = input.created - Math.floor(now);
  if (Math.abs(seconds) > CLOCK_SECONDS)
    return {
      kind: 'stale',
      why: `it was signed ${Math.abs(seconds)} s ${seconds < 0 ? 'ago' : 'from now'} by this server's clock, and ${CLOCK_SECONDS} s are allowed`,
    };
  const base = baseOf({ method: request.method, target: request.target, bodySha256 }, input.covered, input.text);
  if (!verify(null, Buffer.from(base), key, Buffer.from(signature, 'base64')))
    return { kind: 'false', why: "the signature is not this key's for this request" };
  return { kind: 'signed', keyId: input.keyId, nonce: input.nonce, bodySha256 };
}

function malformed(what: string): Unsigned {
  return { kind: 'malformed', why: `${what} is not as docs/worker-protocol.md describes it` };
}
