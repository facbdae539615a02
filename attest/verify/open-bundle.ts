import { isReproofError, ReproofError } from '../../model/index.ts';
import type { Bundle } from '../bundle.ts';
import { openEnvelope } from '../dsse.ts';
import { PAYLOAD_TYPE } from '../statement/types.ts';
import { decodeBase64 } from '../strict-json.ts';
import type { Policy, PolicyKey, PolicyRebuilder } from './policy/policy.ts';

/** A key of the policy with whose it is. */
export type Signatory = { readonly rebuilder: PolicyRebuilder; readonly key: PolicyKey };

/** All keys of the policy's rebuilders of a kind. */
export function signatories(policy: Policy, kind: PolicyRebuilder['kind']): readonly Signatory[] {
  return policy.rebuilders
    .filter((rebuilder) => rebuilder.kind === kind)
    .flatMap((rebuilder) => rebuilder.keys.map((key) => ({ rebuilder, key })));
}

/**
 * The payload of a bundle and who of the policy signed it, or undefined where it is nobody of them. Ids of keys are hints
 * of whoever made the bundle: one that names another key than the one that signed is a lie, and refused.
 * Throws EVIDENCE_TYPE, EVIDENCE_SIGNATURE_INVALID, EVIDENCE_KEY_ID.
 */
export function openBundle(
  bundle: Bundle,
  known: readonly Signatory[],
): (Signatory & { readonly payload: Uint8Array }) | undefined {
  const hint = Buffer.from(decodeBase64(bundle.verificationMaterial.publicKey.hint) ?? '').toString('hex');
  const hinted = known.find(({ key }) => key.key.keyid === hint);
  if (hinted === undefined) {
    refuseLie(bundle, known);
    return undefined;
  }
  const { payload } = openEnvelope(bundle.dsseEnvelope, PAYLOAD_TYPE, [hinted.key.key]);
  const said = bundle.dsseEnvelope.signatures[0]?.keyid ?? '';
  if (said !== '' && said !== hint)
    throw new ReproofError('EVIDENCE_KEY_ID', 'opening a bundle: its signature names another key than made it');
  return { ...hinted, payload };
}

/** A bundle with the id of a stranger that somebody known signed. */
function refuseLie(bundle: Bundle, known: readonly Signatory[]): void {
  try {
    openEnvelope(
      bundle.dsseEnvelope,
      bundle.dsseEnvelope.payloadType,
      known.map(({ key }) => key.key),
    );
  } catch (error) {
    if (isReproofError(error, 'EVIDENCE_SIGNATURE_INVALID')) return;
    throw error;
  }
  throw new ReproofError('EVIDENCE_KEY_ID', 'opening a bundle: it names another key than the one that signed it');
}
