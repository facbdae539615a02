import type { Envelope } from './dsse.ts';
import type { PublicKey } from './public-key.ts';

export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/**
 * A log entry and its proof as a bundle carries them: protobuf's JSON of TransparencyLogEntry
 * (sigstore_rekor.proto), so numbers are decimal strings and bytes are base64.
 */
export type BundleLogEntry = {
  readonly logIndex: string;
  /** The log's full key id: SHA-256 of its origin, a line feed, 1 and its key (C2SP signed-note). */
  readonly logId: { readonly keyId: string };
  readonly kindVersion: { readonly kind: string; readonly version: string };
  readonly integratedTime: string;
  readonly inclusionProof: {
    readonly logIndex: string;
    readonly rootHash: string;
    readonly treeSize: string;
    readonly hashes: readonly string[];
    readonly checkpoint: { readonly envelope: string };
  };
  readonly canonicalizedBody: string;
};

/** A sigstore bundle v0.3 of a DSSE envelope signed by a key (sigstore_bundle.proto). */
export type Bundle = {
  readonly mediaType: typeof BUNDLE_TYPE;
  readonly verificationMaterial: {
    readonly publicKey: { readonly hint: string };
    readonly tlogEntries: readonly BundleLogEntry[];
    readonly timestampVerificationData: { readonly rfc3161Timestamps: readonly [] };
  };
  readonly dsseEnvelope: Envelope;
};

/** Puts an envelope, the hint at its key and its log entries into one bundle. The hint is as cosign writes it. */
export function bundleOf(
  envelope: Envelope,
  key: Pick<PublicKey, 'keyid'>,
  tlogEntries: readonly BundleLogEntry[] = [],
): Bundle {
  return {
    mediaType: BUNDLE_TYPE,
    verificationMaterial: {
      publicKey: { hint: keyHint(key) },
      tlogEntries,
      timestampVerificationData: { rfc3161Timestamps: [] },
    },
    dsseEnvelope: envelope,
  };
}

/** The SHA-256 of a key's SubjectPublicKeyInfo in base64. */
export function keyHint({ keyid }: Pick<PublicKey, 'keyid'>): string {
  return Buffer.from(keyid, 'hex').toString('base64');
}
