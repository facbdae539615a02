import type { Sha256 } from '../../../model/index.ts';
import type { PublicKey } from '../../public-key.ts';
import type { VerifierKey } from '../../tlog/note-key.ts';

/** How a rebuilder says what it found: statements as ours, links as rebuilderd's, or OSS Rebuild's provenance. */
export const REBUILDER_KINDS = ['reproof', 'rebuilderd', 'oss-rebuild'] as const;
export type RebuilderKind = (typeof REBUILDER_KINDS)[number];

/** Words of rebuilders that can count for a file. */
export const AGREEING = ['reproducible', 'equivalent'] as const;
/** Words that can count against it. `inconclusive` never counts: it says nothing of the file. */
export const CONTRARY = ['unreproducible', 'failed-to-build'] as const;

/** A key whose signatures count from and until a time (milliseconds since 1970), at both ends included. */
export type PolicyKey = {
  readonly key: PublicKey;
  readonly from: number;
  readonly until: number;
  /** With a log: only entries before this index count. Times are its owner's word, the log's order is not. */
  readonly untilIndex?: number;
};

/** What is asked of the log of a rebuilder. Without it no inclusion is asked for. */
export type PolicyLog = {
  /** Its name is the origin of the log's checkpoints. */
  readonly key: VerifierKey;
  /** How many witnesses of the policy must have cosigned the checkpoint. */
  readonly witnesses: number;
  /** The size of the tree that was seen before: older checkpoints are refused. */
  readonly minimumSize: number;
};

export type PolicyRebuilder = {
  readonly name: string;
  /** Who runs it. However many rebuilders and keys an operator has, it has one voice. */
  readonly operator: string;
  readonly kind: RebuilderKind;
  readonly keys: readonly PolicyKey[];
  readonly log?: PolicyLog;
  /** How old what is signed may be. */
  readonly maxAgeMilliseconds?: number;
};

/** Whom to believe, and how many of them: read-policy.ts reads it. */
export type Policy = {
  readonly name: string;
  readonly uri?: string;
  /** The SHA-256 of the policy's bytes. */
  readonly digest: Sha256;
  /** M of N: this many operators must agree. At least 1, at most as many as the policy has. */
  readonly agree: number;
  readonly operators: number;
  readonly verdicts: readonly (typeof AGREEING)[number][];
  readonly against: readonly (typeof CONTRARY)[number][];
  /** Whether one contrary word refuses a file, or is told beside the answer. */
  readonly disagreement: 'refuse' | 'report';
  readonly rebuilders: readonly PolicyRebuilder[];
  readonly witnesses: readonly VerifierKey[];
};
