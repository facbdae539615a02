import { describe, expect, it } from 'vitest';
import { bundleOf, PAYLOAD_TYPE, signEnvelope } from '../../attest/index.ts';
import { verifyBySigstore } from '../helpers/sigstore.ts';
import { sampleLogSigner, sampleSigner } from '../helpers/statement-keys.ts';

describe('a sigstore bundle of ours', () => {
  it.each([
    ['ECDSA', sampleSigner()],
    ['Ed25519', sampleLogSigner()],
  ] as const)("signed by %s is right to sigstore's verifier", async (_, signer) => {
    const bundle = bundleOf(await signEnvelope(PAYLOAD_TYPE, Buffer.from('{}'), signer), signer);
    expect(() => verifyBySigstore(bundle, signer)).not.toThrow();
  });

  it("with another payload is wrong to sigstore's verifier", async () => {
    const signer = sampleSigner();
    const envelope = await signEnvelope(PAYLOAD_TYPE, Buffer.from('{}'), signer);
    const bundle = bundleOf({ ...envelope, payload: Buffer.from('[]').toString('base64') }, signer);
    expect(() => verifyBySigstore(bundle, signer)).toThrow('signature verification failed');
  });
});
