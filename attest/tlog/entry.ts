import { hash } from 'node:crypto';
import type { BundleLogEntry } from '../bundle.ts';
import { type Envelope, preAuthEncoding } from '../dsse.ts';
import { faultIn, type JsonSchema, strict } from '../json-schema.ts';
import { type PublicKey, readPublicKey } from '../public-key.ts';
import { decodeBase64, parseStrictJson } from '../strict-json.ts';
import type { SignedCheckpoint } from './checkpoint.ts';
import { writeNote } from './note.ts';
import { keyHash, spkiOfEd25519, type VerifierKey } from './note-key.ts';
import { malformed, toBase64 } from './strict-text.ts';
import { MAX_ENTRY_BYTES } from './tiles.ts';

/** What an entry says: this signature of this key is over a message with this SHA-256. */
export type LoggedSignature = {
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  /** SubjectPublicKeyInfo in DER of an ECDSA P-256 key. */
  readonly publicKey: Uint8Array;
};

const DEPTH = 8;
const KIND = 'hashedrekord';
const VERSION = '0.0.2';
const KEY_DETAILS = 'PKIX_ECDSA_P256_SHA_256';
const DIGEST_BYTES = 32;
const SIGNATURE_BYTES = 80;

const text: JsonSchema = { type: 'string' };
const schema = strict({
  apiVersion: { const: VERSION },
  kind: { const: KIND },
  spec: strict({
    hashedRekordV002: strict({
      data: strict({ algorithm: { const: 'SHA2_256' }, digest: text }),
      signature: strict({
        content: text,
        verifier: strict({ keyDetails: { const: KEY_DETAILS }, publicKey: strict({ rawBytes: text }) }),
      }),
    }),
  }),
});
/** What of it is looked at. */
type Read = {
  readonly spec: {
    readonly hashedRekordV002: {
      readonly data: { readonly digest: string };
      readonly signature: {
        readonly content: string;
        readonly verifier: { readonly publicKey: { readonly rawBytes: string } };
      };
    };
  };
};

/**
 * The entry by which an envelope's first signature is logged: Rekor v2's hashedrekord 0.0.2 over the SHA-256 of what is
 * signed, in canonical JSON. The key has to be ECDSA P-256: Ed25519 signs no digest. Throws LOG_MALFORMED.
 */
export function entryOf(envelope: Envelope, key: Pick<PublicKey, 'publicKey' | 'algorithm'>): Uint8Array {
  const doing = 'making a log entry of an envelope';
  if (key.algorithm !== 'ecdsa-p256-sha256') throw malformed(doing, `a signature of ${key.algorithm} cannot be logged`);
  const signature = decodeBase64(envelope.signatures[0]?.sig ?? '');
  const payload = decodeBase64(envelope.payload);
  if (signature === undefined || signature.length === 0) throw malformed(doing, 'it has no signature');
  if (payload === undefined) throw malformed(doing, 'its payload is not base64');
  const digest = hash('sha256', preAuthEncoding(envelope.payloadType, payload), 'buffer');
  return writeEntry({ digest, signature, publicKey: key.publicKey });
}

/**
 * An entry's bytes: JSON as RFC 8785 spells it, with its members in order. Base64 needs no escapes, so this is a template:
 * it is half as much work as to sort and quote what always comes out the same.
 */
export function writeEntry({ digest, signature, publicKey }: LoggedSignature): Uint8Array {
  const data = `{"algorithm":"SHA2_256","digest":"${toBase64(digest)}"}`;
  const verifier = `{"keyDetails":"${KEY_DETAILS}","publicKey":{"rawBytes":"${toBase64(publicKey)}"}}`;
  const spec = `{"hashedRekordV002":{"data":${data},"signature":{"content":"${toBase64(signature)}","verifier":${verifier}}}}`;
  return Buffer.from(`{"apiVersion":"${VERSION}","kind":"${KIND}","spec":${spec}}`);
}

/**
 * Reads an entry in its one spelling. Throws LOG_MALFORMED, and EVIDENCE_MALFORMED, EVIDENCE_LIMIT or KEY_INVALID for
 * what is no JSON or no key.
 */
export function readEntry(bytes: Uint8Array): LoggedSignature {
  const doing = 'reading a log entry';
  const value = parseStrictJson(bytes, doing, { bytes: MAX_ENTRY_BYTES, depth: DEPTH });
  const fault = faultIn(value, schema);
  if (fault !== undefined) throw malformed(doing, fault);
  const { data, signature } = (value as Read).spec.hashedRekordV002;
  const entry = {
    digest: decodeBase64(data.digest) ?? new Uint8Array(),
    signature: decodeBase64(signature.content) ?? new Uint8Array(),
    publicKey: decodeBase64(signature.verifier.publicKey.rawBytes) ?? new Uint8Array(),
  };
  if (entry.digest.length !== DIGEST_BYTES) throw malformed(doing, 'its digest is not 32 bytes in base64');
  if (entry.signature.length === 0 || entry.signature.length > SIGNATURE_BYTES)
    throw malformed(doing, 'its signature is no ECDSA signature in base64');
  if (readPublicKey(entry.publicKey).algorithm !== 'ecdsa-p256-sha256')
    throw malformed(doing, 'its key is not ECDSA P-256');
  if (Buffer.compare(writeEntry(entry), bytes) !== 0) throw malformed(doing, 'it is not in canonical JSON');
  return entry;
}

/** An entry's place in a log, and what proves it. `proof` from the leaf upwards, each of 32 bytes. */
export type LogProof = {
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  readonly signed: SignedCheckpoint;
};

/** The log's id in bundles and trusted roots: all 32 bytes of what its key id is cut from. */
export function logId({ name, publicKey }: VerifierKey): string {
  return toBase64(keyHash(name, 1, publicKey));
}

/** An entry as a sigstore bundle carries it in `verificationMaterial.tlogEntries`. No time is promised: integratedTime is 0. */
export function bundleEntry(body: Uint8Array, { index, proof, signed }: LogProof, logKey: VerifierKey): BundleLogEntry {
  const { checkpoint, note } = signed;
  return {
    logIndex: String(index),
    logId: { keyId: logId(logKey) },
    kindVersion: { kind: KIND, version: VERSION },
    integratedTime: '0',
    inclusionProof: {
      logIndex: String(index),
      rootHash: toBase64(checkpoint.rootHash),
      treeSize: String(checkpoint.size),
      hashes: proof.map(toBase64),
      checkpoint: { envelope: writeNote(note) },
    },
    canonicalizedBody: toBase64(body),
  };
}

/** A key that signed a log's checkpoints from `start` on and, where another follows it, until `end`; RFC 3339. */
export type LogKeyLife = { readonly key: VerifierKey; readonly start: string; readonly end?: string };

/** A log and one of its keys as sigstore's trusted root lists them in `tlogs`. */
export type TrustedLog = {
  readonly baseUrl: string;
  readonly hashAlgorithm: 'SHA2_256';
  readonly publicKey: {
    readonly rawBytes: string;
    readonly keyDetails: 'PKIX_ED25519';
    readonly validFor: { readonly start: string; readonly end?: string };
  };
  readonly logId: { readonly keyId: string };
  readonly checkpointKeyId: { readonly keyId: string };
};

/**
 * A trusted root with these keys of logs and nothing else (sigstore_trustroot.proto), as `cosign --trusted-root` takes it.
 * A log whose key was replaced is listed once for each: what was proven under a former one stays right.
 */
export function trustedRoot(keys: readonly LogKeyLife[]): {
  readonly mediaType: string;
  readonly tlogs: readonly TrustedLog[];
  readonly certificateAuthorities: readonly [];
  readonly ctlogs: readonly [];
  readonly timestampAuthorities: readonly [];
} {
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: keys.map(trustedLog),
    certificateAuthorities: [],
    ctlogs: [],
    timestampAuthorities: [],
  };
}

function trustedLog({ key, start, end }: LogKeyLife): TrustedLog {
  const id = { keyId: logId(key) };
  return {
    // Verifiers compare the host of this address with the origin of checkpoints.
    baseUrl: `https://${key.name}`,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: toBase64(spkiOfEd25519(key.publicKey)),
      keyDetails: 'PKIX_ED25519',
      validFor: { start, ...(end === undefined ? {} : { end }) },
    },
    logId: id,
    checkpointKeyId: id,
  };
}
