import { ReproofError } from '../../../model/index.ts';
import { BUNDLE_TYPE, type Bundle } from '../../bundle.ts';
import { checkEnvelope } from '../../dsse.ts';
import { faultIn, type JsonSchema, strict } from '../../json-schema.ts';
import { decodeBase64, parseStrictJson } from '../../strict-json.ts';

export type BundleLimits = { readonly bytes: number };

export const BUNDLE_LIMITS: BundleLimits = { bytes: 48 * 1024 ** 2 };

const DEPTH = 12;
/** A path through a tree of 2^63 leaves. */
const MOST_HASHES = 63;
const CHECKPOINT_CHARACTERS = 64 * 1024;

/** Bytes in the one spelling of base64. */
const base64: JsonSchema = { type: 'string', is: (text) => decodeBase64(text) !== undefined };
const base64Of32: JsonSchema = { type: 'string', maxLength: 44, is: (text) => decodeBase64(text)?.length === 32 };
/** protobuf's JSON of a whole number; ours are what a double holds. */
const decimal: JsonSchema = {
  type: 'string',
  pattern: '^(?:0|[1-9][0-9]{0,15})$',
  is: (text) => Number.isSafeInteger(Number(text)),
};

const entry = strict({
  logIndex: decimal,
  logId: strict({ keyId: base64Of32 }),
  kindVersion: strict({ kind: { const: 'hashedrekord' }, version: { const: '0.0.2' } }),
  integratedTime: { const: '0' },
  inclusionProof: strict({
    logIndex: decimal,
    rootHash: base64Of32,
    treeSize: decimal,
    hashes: { type: 'array', items: base64Of32, maxItems: MOST_HASHES },
    checkpoint: strict({ envelope: { type: 'string', maxLength: CHECKPOINT_CHARACTERS } }),
  }),
  canonicalizedBody: base64,
});
const schema = strict({
  mediaType: { const: BUNDLE_TYPE },
  verificationMaterial: strict({
    publicKey: strict({ hint: base64Of32 }),
    tlogEntries: { type: 'array', items: entry, maxItems: 1 },
    // Time stamps are not read here, and what is not read is not let pass.
    timestampVerificationData: strict({ rfc3161Timestamps: { type: 'array', maxItems: 0 } }),
  }),
  dsseEnvelope: {},
});

/**
 * Reads a sigstore bundle v0.3 of a DSSE envelope signed by a key, with at most one log entry. Nothing of it is checked
 * but its spelling. Throws EVIDENCE_LIMIT, EVIDENCE_MALFORMED.
 */
export function readBundle(bytes: Uint8Array, limits: BundleLimits = BUNDLE_LIMITS): Bundle {
  const doing = 'reading a bundle';
  const value = parseStrictJson(bytes, doing, { bytes: limits.bytes, depth: DEPTH });
  refuseFault(doing, value, schema);
  const { dsseEnvelope, ...rest } = value as Bundle;
  const envelope = checkEnvelope(dsseEnvelope);
  if (envelope.signatures.length !== 1)
    throw new ReproofError(
      'EVIDENCE_MALFORMED',
      `${doing}: it has ${envelope.signatures.length} signatures, a bundle has one`,
    );
  return { ...rest, dsseEnvelope: envelope };
}

/** Throws EVIDENCE_MALFORMED where a value is not as a schema says. */
export function refuseFault(doing: string, value: unknown, schema: JsonSchema): void {
  const fault = faultIn(value, schema);
  if (fault !== undefined) throw new ReproofError('EVIDENCE_MALFORMED', `${doing}: ${fault}`);
}
