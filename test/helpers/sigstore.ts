import { bundleFromJSON } from '@sigstore/bundle';
import { crypto } from '@sigstore/core';
import { toSignedEntity, Verifier } from '@sigstore/verify';
import type { PublicKey } from '../../attest/index.ts';

/** Has sigstore's own verifier check a bundle's signature by a key, without a log. Throws what it throws. */
export function verifyBySigstore(bundle: unknown, key: PublicKey): void {
  const entity = toSignedEntity(bundleFromJSON(JSON.parse(JSON.stringify(bundle))));
  const hint = Buffer.from(key.keyid, 'hex').toString('base64');
  const verifier = new Verifier(
    {
      certificateAuthorities: [],
      timestampAuthorities: [],
      tlogs: [],
      ctlogs: [],
      publicKey: (asked) => {
        if (asked !== hint) throw new Error(`another key was asked for: ${asked}`);
        return { publicKey: crypto.createPublicKey(Buffer.from(key.publicKey)), validFor: () => true };
      },
    },
    { tlogThreshold: 0, timestampThreshold: 0 },
  );
  verifier.verify(entity);
}
