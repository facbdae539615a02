import { ReproofError, sha256Of } from '../../model/index.ts';
import { signedBytes } from '../link.ts';
import { hasProduct } from '../read-link.ts';
import type { Voice } from './answer.ts';
import { openLink, readLink } from './formats/open-link.ts';
import { readOssRebuild } from './formats/oss-rebuild.ts';
import { type Heard, hearEach, meaningOf, type Piece, type Question } from './hear-bundles.ts';
import { type Signatory, signatories } from './open-bundle.ts';
import { discountOf } from './policy/discount.ts';

/** Hears links of rebuilderd: each says that a file came out, and none was ever signed that says that one did not. */
export function hearLinks(pieces: readonly Piece[], question: Question): Heard {
  const known = signatories(question.policy, 'rebuilderd');
  return hearEach(pieces, ({ bytes, place }) => {
    const link = readLink(bytes);
    const signed = openLink(link, known);
    if (signed.length === 0 || !hasProduct(link, question.file.sha256)) return { passedOver: 1 };
    const statement = sha256Of(signedBytes(link.signed));
    const provenance = Object.keys(link.signed.materials).length > 0;
    return {
      voices: signed.map((one) => voiceOf(one, question, { word: 'reproducible', statement, place, provenance })),
    };
  });
}

/** Hears files of OSS Rebuild: the same bytes, or the same after what it takes out of both. */
export function hearOssRebuild(pieces: readonly Piece[], question: Question): Heard {
  const known = signatories(question.policy, 'oss-rebuild');
  return hearEach(pieces, ({ bytes, place }) => {
    if (known.length === 0) return { passedOver: 1 };
    const said = readOssRebuild(
      bytes,
      known.map(({ key }) => key.key),
    );
    const signed = known.filter(({ key }) => said.signedBy.some(({ keyid }) => keyid === key.key.keyid));
    if (signed.length === 0)
      throw new ReproofError('EVIDENCE_SIGNATURE_INVALID', "opening OSS Rebuild's statements: each has another signer");
    if (said.published !== question.file.sha256) return { passedOver: 1 };
    const word = said.equality === 'exact' ? 'reproducible' : 'equivalent';
    const more = { word, statement: sha256Of(bytes), place, provenance: true, rebuild: said.invocation };
    return { voices: signed.map((one) => voiceOf(one, question, { ...more, milliseconds: said.time })) };
  });
}

type Said = Pick<Voice, 'word' | 'statement' | 'place' | 'provenance' | 'rebuild'> & {
  readonly milliseconds?: number | undefined;
};

function voiceOf({ rebuilder, key }: Signatory, { policy, at }: Question, said: Said): Voice {
  const { milliseconds: time, ...rest } = said;
  const discounted = discountOf({ rebuilder, key, time, log: undefined, at });
  return {
    rebuilder: rebuilder.name,
    operator: rebuilder.operator,
    says: meaningOf(said.word, policy),
    keyid: key.key.keyid,
    ...rest,
    ...(time === undefined ? {} : { time: new Date(time).toISOString() }),
    ...(discounted === undefined ? {} : { discounted }),
  };
}
