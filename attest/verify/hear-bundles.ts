import { isReproofError, sha256Of } from '../../model/index.ts';
import type { ComparisonPredicate } from '../statement/comparison.ts';
import { readComparison } from '../statement/read-comparison.ts';
import { readProvenance } from '../statement/read-provenance.ts';
import { type AnyStatement, readAnyStatement } from '../statement/read-statement.ts';
import { COMPARISON_TYPE, PROVENANCE_TYPE } from '../statement/types.ts';
import type { SignedCheckpoint } from '../tlog/checkpoint.ts';
import type { RefusedEvidence, Voice } from './answer.ts';
import { readBundle } from './formats/read-bundle.ts';
import { checkLogEntry } from './log-entry.ts';
import { openBundle, type Signatory, signatories } from './open-bundle.ts';
import { discountOf, type Signed } from './policy/discount.ts';
import type { Policy } from './policy/policy.ts';

/** One piece of evidence: its bytes, and where they are from, for messages. */
export type Piece = { readonly place: string; readonly bytes: Uint8Array };

/** What is asked: whether a policy holds for bytes, at a time (milliseconds since 1970). */
export type Question = {
  readonly file: { readonly name: string; readonly sha256: string };
  readonly policy: Policy;
  readonly at: number;
};

/** What pieces of evidence said. */
export type Heard = {
  readonly voices: readonly Voice[];
  readonly refused: readonly RefusedEvidence[];
  readonly checkpoints: readonly SignedCheckpoint[];
  readonly passedOver: number;
};

/** Hears pieces one by one; what is not sound becomes a refusal, and nothing of it is believed. */
export function hearEach(pieces: readonly Piece[], hear: (piece: Piece) => Partial<Heard>): Heard {
  const heard = pieces.map((piece): Partial<Heard> => {
    try {
      return hear(piece);
    } catch (error) {
      if (!isReproofError(error)) throw error;
      return { refused: [{ place: piece.place, code: error.code, message: error.message }] };
    }
  });
  return joinHeard(heard);
}

export function joinHeard(heard: readonly Partial<Heard>[]): Heard {
  return {
    voices: heard.flatMap(({ voices = [] }) => voices),
    refused: heard.flatMap(({ refused = [] }) => refused),
    checkpoints: heard.flatMap(({ checkpoints = [] }) => checkpoints),
    passedOver: heard.reduce((sum, { passedOver = 0 }) => sum + passedOver, 0),
  };
}

type Opened = Signatory & {
  readonly piece: Piece;
  readonly payload: Uint8Array;
  readonly statement: AnyStatement;
  readonly log: ReturnType<typeof checkLogEntry>;
};

/** Hears the statements of our own kind. */
export function hearBundles(pieces: readonly Piece[], question: Question): Heard {
  const { policy, file } = question;
  const known = signatories(policy, 'reproof');
  const about: Opened[] = [];
  const read = hearEach(pieces, (piece) => {
    const bundle = readBundle(piece.bytes);
    const found = openBundle(bundle, known);
    if (found === undefined) return { passedOver: 1 };
    const { log: asked } = found.rebuilder;
    const log = asked === undefined ? undefined : checkLogEntry(bundle, found.key.key, { log: asked, policy });
    // Only now is it looked into: its signature and its place in the log are right.
    const statement = readAnyStatement(found.payload);
    const checkpoints = log === undefined ? [] : [log.signed];
    if (!statement.subject.some(({ digest }) => digest.sha256 === file.sha256)) return { checkpoints, passedOver: 1 };
    about.push({ ...found, piece, log, statement });
    return { checkpoints };
  });
  const made = about.filter((one) => one.statement.predicateType === PROVENANCE_TYPE);
  const proven = new Set<unknown>();
  const provenances = hearOpened(made, (one) => {
    const { finishedOn } = readProvenance(one.payload).predicate.runDetails.metadata;
    if (discountOf(signedOf(one, finishedOn, question)) === undefined) proven.add(one.rebuilder);
    return {};
  });
  const compared = about.filter((one) => one.statement.predicateType === COMPARISON_TYPE);
  const comparisons = hearOpened(compared, (one) => ({
    voices: [voiceOf(one, question, proven.has(one.rebuilder))],
  }));
  const others = about.length - made.length - compared.length;
  return joinHeard([read, provenances, comparisons, { passedOver: others }]);
}

function hearOpened(opened: readonly Opened[], hear: (one: Opened) => Partial<Heard>): Heard {
  const byPiece = new Map(opened.map((one) => [one.piece, one]));
  return hearEach([...byPiece.keys()], (piece) => {
    const one = byPiece.get(piece);
    return one === undefined ? {} : hear(one);
  });
}

function signedOf({ rebuilder, key, log }: Opened, time: string | undefined, { at }: Question): Signed {
  return { rebuilder, key, time: time === undefined ? undefined : Date.parse(time), log: log?.place, at };
}

function voiceOf(one: Opened, question: Question, provenance: boolean): Voice {
  const { predicate } = readComparison(one.payload);
  const word = wordOf(predicate);
  const time = predicate.rebuild.finishedOn;
  const discounted = discountOf(signedOf(one, time, question));
  return {
    rebuilder: one.rebuilder.name,
    operator: one.rebuilder.operator,
    says: meaningOf(word, question.policy),
    word,
    statement: sha256Of(one.payload),
    keyid: one.key.key.keyid,
    place: one.piece.place,
    rebuild: predicate.rebuild.id,
    ...(time === undefined ? {} : { time }),
    provenance,
    ...(one.log === undefined ? {} : { log: one.log.place }),
    ...(discounted === undefined ? {} : { discounted }),
  };
}

/** What a word means under a policy. */
export function meaningOf(word: string, policy: Policy): Voice['says'] {
  if (policy.verdicts.some((counted) => counted === word)) return 'agrees';
  return policy.against.some((contrary) => contrary === word) ? 'is against' : 'nothing';
}

/** One file's word: where a rebuild is unreproducible since another file differs, this one may still be the same. */
function wordOf({ artifact, verdict }: ComparisonPredicate): string {
  return artifact.verdict === 'identical' ? 'reproducible' : verdict.kind;
}
