import { createPrivateKey } from 'node:crypto';
import { keySigner, type Signer } from '../../attest/index.ts';

/** A key that is the same in every run: openssl ecparam -name prime256v1 -genkey, as PKCS#8. */
const ECDSA_PEM = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSTYqE3Vb5l7/KJwF
HGm0qE2sNrQEPJl8K/qOr6RZ586hRANCAAT7X6hB0Pq60rtweOCCmxBb+9YHW0nD
ZEvPFEhawkzGSDz3AOh3OX3845Pbr1crSvnx9KgAb3kbU1d+5K6NJuvi
-----END PRIVATE KEY-----
`;

/** A signer of statements whose key anybody can read here: for tests alone. */
export function sampleSigner(): Signer {
  return keySigner(createPrivateKey(ECDSA_PEM));
}

/** A signer of Ed25519 by the seed of RFC 8032, 7.1, test 1. */
export function sampleLogSigner(): Signer {
  const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
  return keySigner(
    createPrivateKey({
      key: Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex'),
      format: 'der',
      type: 'pkcs8',
    }),
  );
}
