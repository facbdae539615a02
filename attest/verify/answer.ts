import type { ErrorCode, Sha256 } from '../../model/index.ts';

/** Which rule of a policy, or of evidence itself, an answer hangs on. */
export type Rule =
  | 'evidence is sound'
  | 'logs are whole'
  | 'nobody contradicts'
  | 'nobody disagrees'
  | 'enough operators agree';

/** What of a statement's log entry was checked. */
export type LogPlace = {
  readonly origin: string;
  readonly index: number;
  readonly treeSize: number;
  readonly rootHash: string;
  /** Names of witnesses of the policy that cosigned the checkpoint. */
  readonly witnesses: readonly string[];
};

/** A statement of a rebuilder of the policy about the file. Its signature is right, and its place in the log if asked. */
export type Voice = {
  readonly rebuilder: string;
  readonly operator: string;
  /** What it means for the file: the same bytes came out, others did, or nothing can be said. */
  readonly says: 'agrees' | 'is against' | 'nothing';
  /** The rebuilder's word, such as reproducible or unreproducible. */
  readonly word: string;
  /** SHA-256 of what is signed: the payload of the envelope, or the link's canonical bytes. */
  readonly statement: Sha256;
  readonly keyid: string;
  readonly place: string;
  readonly rebuild?: string;
  /** When it says it was made: ISO 8601, UTC. */
  readonly time?: string;
  /** What the rebuilt file was made from is signed, too. */
  readonly provenance: boolean;
  readonly log?: LogPlace;
  /** Why it does not count, where it does not. */
  readonly discounted?: { readonly code: ErrorCode; readonly why: string };
};

/** A piece of evidence that is not sound. Nothing in it was believed. */
export type RefusedEvidence = { readonly place: string; readonly code: ErrorCode; readonly message: string };

/** The answer to: does this policy hold for this file? docs/verify.md describes it. */
export type Answer = {
  readonly schema: 'reproof-answer/1';
  readonly holds: boolean;
  /** The rule that failed. */
  readonly failed?: { readonly rule: Rule; readonly code: ErrorCode };
  readonly sentence: string;
  readonly file: { readonly name: string; readonly sha256: Sha256 };
  readonly policy: { readonly name: string; readonly sha256: Sha256; readonly uri?: string };
  /** The time it was asked for: ISO 8601, UTC. */
  readonly at: string;
  readonly asked: { readonly agree: number; readonly operators: number };
  /** Operators that agree and count, by name. */
  readonly agreeing: readonly string[];
  /** Two or more independent operators gave these bytes, each with what it made them from (SLSA_BUILD_REPRODUCED). */
  readonly reproducedIndependently: boolean;
  readonly voices: readonly Voice[];
  readonly refused: readonly RefusedEvidence[];
  /** Pieces of evidence by nobody whom the policy knows, or about other files. */
  readonly passedOver: number;
};
