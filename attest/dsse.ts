import { ReproofError } from '../model/index.ts';
import { faultIn, strict } from './json-schema.ts';
import { isSignatureOf, type PublicKey } from './public-key.ts';
import type { Signer } from './signer.ts';
import { decodeBase64, parseStrictJson } from './strict-json.ts';

/** A signed payload: DSSE 1.0.2, in its JSON form. `payload` and `sig` are base64 with padding. */
export type Envelope = {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
};

/** How much of others' envelopes is read: bytes of the JSON, and how many signatures. */
export type EnvelopeLimits = { readonly bytes: number; readonly signatures: number };

export const ENVELOPE_LIMITS: EnvelopeLimits = { bytes: 32 * 1024 * 1024, signatures: 16 };

const DEPTH = 4;
/** The longest signature of our two kinds is ECDSA's: DER of two integers of 33 bytes. Others' keys sign longer. */
const SIGNATURE_CHARACTERS = 2_048;

const schema = strict({
  payloadType: { type: 'string', minLength: 1, maxLength: 200 },
  payload: { type: 'string' },
  signatures: {
    type: 'array',
    items: strict(
      {
        keyid: { type: 'string', maxLength: 200 },
        sig: { type: 'string', minLength: 1, maxLength: SIGNATURE_CHARACTERS },
      },
      ['keyid'],
    ),
    minItems: 1,
  },
});
/** As it is written: a key id may be left out. */
type Written = Omit<Envelope, 'signatures'> & {
  readonly signatures: readonly { readonly keyid?: string; readonly sig: string }[];
};

/** What a signature of an envelope is over: DSSE's pre-authentication encoding of the type and the payload. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType);
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}

/**
 * Signs a payload. The signature's key id is empty: it is a hint nobody may rely on, and cosign refuses a signature with
 * an id of another kind than its own.
 */
export async function signEnvelope(payloadType: string, payload: Uint8Array, signer: Signer): Promise<Envelope> {
  const signature = await signer.sign(preAuthEncoding(payloadType, payload));
  return {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: [{ keyid: '', sig: Buffer.from(signature).toString('base64') }],
  };
}

/**
 * Reads an envelope's JSON: no unknown or doubled members, base64 in its one spelling. Says nothing of its signatures
 * and does not look into its payload. Throws EVIDENCE_LIMIT, EVIDENCE_MALFORMED.
 */
export function readEnvelope(bytes: Uint8Array, limits: EnvelopeLimits = ENVELOPE_LIMITS): Envelope {
  const doing = 'reading a DSSE envelope';
  return checkEnvelope(parseStrictJson(bytes, doing, { bytes: limits.bytes, depth: DEPTH }), limits);
}

/** The same of a value that is a part of strict JSON read already, as a bundle's. */
export function checkEnvelope(value: unknown, limits: EnvelopeLimits = ENVELOPE_LIMITS): Envelope {
  const doing = 'reading a DSSE envelope';
  const fault = faultIn(value, schema);
  if (fault !== undefined) throw new ReproofError('EVIDENCE_MALFORMED', `${doing}: ${fault}`);
  const { payloadType, payload, signatures } = value as Written;
  const envelope = { payloadType, payload, signatures: signatures.map(({ keyid = '', sig }) => ({ keyid, sig })) };
  if (envelope.signatures.length > limits.signatures)
    throw new ReproofError(
      'EVIDENCE_LIMIT',
      `${doing}: it has ${envelope.signatures.length} signatures, ${limits.signatures} are allowed`,
    );
  for (const [place, text] of [
    ['payload', envelope.payload],
    ...envelope.signatures.map(({ sig }, index) => [`signatures.${index}.sig`, sig] as const),
  ] as const)
    if (decodeBase64(text) === undefined)
      throw new ReproofError('EVIDENCE_MALFORMED', `${doing}: ${place} is not base64 in its one spelling`);
  return envelope;
}

/** What an envelope holds, once a signature of it was found right, and whose keys made such. */
export type OpenedEnvelope = { readonly payload: Uint8Array; readonly signedBy: readonly PublicKey[] };

/**
 * The payload of an envelope of a type, for the signature of any of these keys. The only way to a payload. A key id in
 * the envelope is not believed: each signature is tried with each key, and a key counts once.
 * Throws EVIDENCE_TYPE, EVIDENCE_SIGNATURE_INVALID.
 */
export function openEnvelope(envelope: Envelope, payloadType: string, keys: readonly PublicKey[]): OpenedEnvelope {
  if (envelope.payloadType !== payloadType)
    throw new ReproofError(
      'EVIDENCE_TYPE',
      `opening a DSSE envelope: its payload is ${JSON.stringify(envelope.payloadType)}, wanted was ${payloadType}`,
    );
  const payload = decodeBase64(envelope.payload) ?? new Uint8Array();
  const message = preAuthEncoding(envelope.payloadType, payload);
  const signedBy = keys.filter((key) =>
    envelope.signatures.some(({ sig }) => isSignatureOf(key, message, decodeBase64(sig) ?? new Uint8Array())),
  );
  if (signedBy.length === 0)
    throw new ReproofError(
      'EVIDENCE_SIGNATURE_INVALID',
      `opening a DSSE envelope: none of its ${envelope.signatures.length} signatures is of one of the ${keys.length} keys asked for`,
    );
  return { payload, signedBy: [...new Map(signedBy.map((key) => [key.keyid, key])).values()] };
}
