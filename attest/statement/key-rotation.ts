import { z } from 'zod';
import { KEY_ALGORITHMS, type KeyLife, type KeyUse } from '../keys/key-life.ts';
import { type PublicKey, publicKeyText, readPublicKeyText } from '../public-key.ts';
import { sha256Field, timeField } from './fields.ts';
import { malformed, readBy } from './read-statement.ts';
import schema from './schemas/key-rotation-v1.json' with { type: 'json' };
import { KEY_ROTATION_TYPE, STATEMENT_TYPE, type Statement } from './types.ts';

/**
 * That a key is followed by another: docs/attestations/key-rotation-v1.md. Signed by the key of statements; where that is
 * the one that is replaced, by the old one, as its last.
 */
export type KeyRotationPredicate = {
  readonly use: KeyUse;
  /** The key that is replaced. */
  readonly replaces: string;
  /** The new one in PEM, so that who trusts the old one has it. */
  readonly publicKey: string;
  readonly validFrom: string;
};

/** The statement that a key is followed by another. Its subject is the new key's SubjectPublicKeyInfo in DER. */
export function keyRotationStatement(
  replaced: Pick<PublicKey, 'keyid'>,
  next: Pick<KeyLife, 'use' | 'keyid' | 'algorithm' | 'publicKey' | 'validFrom'>,
): Statement<KeyRotationPredicate> {
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: `${next.use}.pub`, digest: { sha256: next.keyid } }],
    predicateType: KEY_ROTATION_TYPE,
    predicate: {
      use: next.use,
      replaces: replaced.keyid,
      publicKey: publicKeyText(next),
      validFrom: next.validFrom,
    },
  };
}

/** key-rotation/v1 as it is read. */
export const keyRotationSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z
    .array(
      z.strictObject({ name: z.enum(['statement.pub', 'log.pub']), digest: z.strictObject({ sha256: sha256Field }) }),
    )
    .length(1),
  predicateType: z.literal(KEY_ROTATION_TYPE),
  predicate: z.strictObject({
    use: z.enum(['statement', 'log']),
    replaces: sha256Field,
    publicKey: z.string().max(1_000),
    validFrom: timeField,
  }),
});

/**
 * That a key is followed by another, from a payload whose signature of the key before was found right. Throws
 * EVIDENCE_LIMIT, EVIDENCE_MALFORMED, EVIDENCE_TYPE, KEY_INVALID.
 */
export function readKeyRotation(payload: Uint8Array): Statement<KeyRotationPredicate> {
  const statement = readBy(schema, payload, KEY_ROTATION_TYPE) as Statement<KeyRotationPredicate>;
  const { use, publicKey } = statement.predicate;
  const [subject] = statement.subject;
  const next = readPublicKeyText(publicKey);
  const isIt = next.keyid === subject?.digest.sha256 && subject.name === `${use}.pub`;
  if (!isIt || next.algorithm !== KEY_ALGORITHMS[use]) throw malformed('the key it names is not the one it holds');
  return statement;
}
