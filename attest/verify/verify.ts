import { sha256Of } from '../../model/index.ts';
import type { Pack } from '../pack/read-pack.ts';
import type { SignedCheckpoint } from '../tlog/checkpoint.ts';
import type { Answer } from './answer.ts';
import { checkPack } from './check-pack.ts';
import { decide } from './decide.ts';
import { hearBundles, hearEach, joinHeard, type Piece, type Question } from './hear-bundles.ts';
import { hearLinks, hearOssRebuild } from './hear-others.ts';
import { forkBetween } from './log-entry.ts';

/** What is laid before the verifier. Nothing of it is believed for being there. */
export type Evidence = {
  readonly packs: readonly { readonly place: string; readonly pack: Pack }[];
  /** sigstore bundles in JSON. */
  readonly bundles: readonly Piece[];
  /** in-toto links as rebuilderd signs them. */
  readonly links: readonly Piece[];
  /** rebuild.intoto.jsonl of OSS Rebuild. */
  readonly ossRebuild: readonly Piece[];
};

export const NO_EVIDENCE: Evidence = { packs: [], bundles: [], links: [], ossRebuild: [] };

/**
 * Says whether a policy holds for a file's bytes. Looks at nothing but its arguments: no clock, disk, network or
 * database. What is not sound in the evidence refuses the file and is listed in the answer; nothing is thrown for it.
 */
export function verifyEvidence(question: Question, evidence: Evidence): Answer {
  const bundles = onceEach([...evidence.bundles, ...membersOf(evidence, 'statements')]);
  const links = onceEach([...evidence.links, ...membersOf(evidence, 'links')]);
  const packs = hearEach(
    evidence.packs.map(({ place }) => ({ place, bytes: new Uint8Array() })),
    ({ place }) => {
      const found = evidence.packs.find((one) => one.place === place);
      const signed = found === undefined ? undefined : checkPack(found.pack, question.policy);
      return { checkpoints: signed === undefined ? [] : [signed] };
    },
  );
  const heard = joinHeard([
    hearBundles(bundles, question),
    hearLinks(links, question),
    hearOssRebuild(onceEach(evidence.ossRebuild), question),
    packs,
  ]);
  return decide({ ...question, ...heard, forks: forksAmong(heard.checkpoints) });
}

/** The same bytes from two places are one piece. */
function onceEach(pieces: readonly Piece[]): readonly Piece[] {
  const first = new Map<string, Piece>();
  for (const piece of pieces) {
    const digest = sha256Of(piece.bytes);
    if (!first.has(digest)) first.set(digest, piece);
  }
  return [...first.values()];
}

function membersOf({ packs }: Evidence, kind: 'statements' | 'links'): readonly Piece[] {
  return packs.flatMap(({ place, pack }) =>
    pack[kind].map((bytes, index) => ({ place: `${place}, ${kind} ${index + 1}`, bytes })),
  );
}

/** Each checkpoint against the first that was seen of its size. */
function forksAmong(checkpoints: readonly SignedCheckpoint[]): readonly string[] {
  const seen = new Map<string, SignedCheckpoint>();
  return checkpoints.flatMap((signed) => {
    const key = `${signed.checkpoint.origin}\n${signed.checkpoint.size}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, signed);
    return first === undefined ? [] : (forkBetween(first, signed) ?? []);
  });
}
