import { createRequire } from 'node:module';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import type { PublicKey } from '../../attest/index.ts';

type TrustedRootReader = { readonly TrustedRoot: { fromJSON(value: unknown): Parameters<typeof toTrustMaterial>[0] } };

/** Has sigstore's own verifier check a bundle by a key, and its log entry by a trusted root. Throws what it throws. */
export function verifyLoggedBySigstore(bundle: unknown, key: PublicKey, root: unknown): void {
  // The reader of trusted roots is a package of the verifier's own.
  const { TrustedRoot } = createRequire(import.meta.resolve('@sigstore/verify'))(
    '@sigstore/protobuf-specs',
  ) as TrustedRootReader;
  const entity = toSignedEntity(bundleFromJSON(JSON.parse(JSON.stringify(bundle))));
  const trust = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(JSON.stringify(root))), {
    [Buffer.from(key.keyid, 'hex').toString('base64')]: {
      rawBytes: Buffer.from(key.publicKey),
      keyDetails: 5,
      validFor: { start: new Date(0) },
    },
  });
  new Verifier(trust, { tlogThreshold: 1, timestampThreshold: 0 }).verify(entity);
}
