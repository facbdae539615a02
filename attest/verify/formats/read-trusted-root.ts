import { ReproofError } from '../../../model/index.ts';
import { isDateTime } from '../../date-time.ts';
import { type JsonSchema, strict } from '../../json-schema.ts';
import { type PublicKey, readPublicKey } from '../../public-key.ts';
import { decodeBase64, parseStrictJson } from '../../strict-json.ts';
import { refuseFault } from './read-bundle.ts';

const LIMITS = { bytes: 256 * 1024, depth: 8 };

const base64: JsonSchema = { type: 'string', is: (text) => decodeBase64(text) !== undefined };
const time: JsonSchema = { type: 'string', pattern: 'Z$', is: isDateTime };
const none: JsonSchema = { type: 'array', maxItems: 0 };
const logId = strict({ keyId: base64 });
const log = strict({
  baseUrl: { type: 'string', pattern: '^https://[^\\s/?#]+(?:/[^\\s?#]*)?$' },
  hashAlgorithm: { const: 'SHA2_256' },
  publicKey: strict({
    rawBytes: base64,
    keyDetails: { const: 'PKIX_ED25519' },
    validFor: strict({ start: time, end: time }, ['end']),
  }),
  logId,
  checkpointKeyId: logId,
});
const schema = strict({
  mediaType: { const: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' },
  tlogs: { type: 'array', items: log, minItems: 1, maxItems: 16 },
  certificateAuthorities: none,
  ctlogs: none,
  timestampAuthorities: none,
});
/** What of it is looked at. */
type Read = {
  readonly tlogs: readonly {
    readonly baseUrl: string;
    readonly publicKey: { readonly rawBytes: string; readonly validFor: { readonly end?: string } };
    readonly logId: { readonly keyId: string };
    readonly checkpointKeyId: { readonly keyId: string };
  }[];
};

/** A log as a trusted root names it. `origin` is what its checkpoints begin with; a key that is over was replaced. */
export type TrustedLog = {
  readonly origin: string;
  readonly key: PublicKey;
  readonly logId: Uint8Array;
  readonly isOver: boolean;
};

/**
 * Reads a trusted root (sigstore_trustroot.proto, in JSON) that names logs of Ed25519 keys and nothing else.
 * Throws EVIDENCE_LIMIT, EVIDENCE_MALFORMED, KEY_INVALID.
 */
export function readTrustedRoot(text: Uint8Array): readonly TrustedLog[] {
  const doing = 'reading a trusted root';
  const value = parseStrictJson(text, doing, LIMITS);
  refuseFault(doing, value, schema);
  return (value as Read).tlogs.map(({ baseUrl, publicKey, logId: { keyId }, checkpointKeyId }) => {
    const key = readPublicKey(decodeBase64(publicKey.rawBytes) ?? new Uint8Array());
    if (key.algorithm !== 'ed25519' || checkpointKeyId.keyId !== keyId)
      throw new ReproofError('EVIDENCE_MALFORMED', `${doing}: a log's key is of another kind, or has two ids`);
    return {
      origin: baseUrl.slice('https://'.length),
      key,
      logId: decodeBase64(keyId) ?? new Uint8Array(),
      isOver: publicKey.validFor.end !== undefined,
    };
  });
}
