import type { Sha256 } from '../../model/index.ts';
import { STATEMENT_TYPE, type Statement, SUMMARY_TYPE } from './types.ts';

/** SLSA Verification Summary v1 (slsa.dev/spec/v1.2/verification_summary). */
export type SummaryPredicate = {
  readonly verifier: { readonly id: string; readonly version: { readonly reproof: string } };
  readonly timeVerified: string;
  readonly resourceUri: string;
  readonly policy: { readonly uri: string; readonly digest: { readonly sha256: Sha256 } };
  readonly inputAttestations: readonly { readonly uri?: string; readonly digest: { readonly sha256: Sha256 } }[];
  readonly verificationResult: 'PASSED' | 'FAILED';
  readonly verifiedLevels: readonly string[];
  readonly slsaVersion: '1.2';
};

/** What a summary is made of: an answer about a file, and who vouches for it. */
export type SummaryFacts = {
  readonly file: { readonly name: string; readonly sha256: Sha256 };
  /** Whom the summary is of: the verifier's own address. */
  readonly verifier: string;
  readonly reproof: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly policy: { readonly name: string; readonly sha256: Sha256; readonly uri?: string };
  readonly holds: boolean;
  /** Two or more independently operated rebuilders agree, each with its provenance. */
  readonly reproducedIndependently: boolean;
  /** The SHA-256 of what was signed by those that were heard. */
  readonly inputs: readonly Sha256[];
};

/**
 * The statement that a policy over several rebuilders holds, or does not. `SLSA_BUILD_REPRODUCED` is in it only where two
 * or more independently operated rebuilders gave the bytes; no build level is claimed, for none was looked at.
 */
export function summaryStatement(facts: SummaryFacts): Statement<SummaryPredicate> {
  const { file, policy } = facts;
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: file.name, digest: { sha256: file.sha256 } }],
    predicateType: SUMMARY_TYPE,
    predicate: {
      verifier: { id: facts.verifier, version: { reproof: facts.reproof } },
      timeVerified: facts.at,
      resourceUri: file.name,
      policy: { uri: policy.uri ?? policy.name, digest: { sha256: policy.sha256 } },
      inputAttestations: [...new Set(facts.inputs)].sort().map((sha256) => ({ digest: { sha256 } })),
      verificationResult: facts.holds ? 'PASSED' : 'FAILED',
      verifiedLevels: levelsOf(facts),
      slsaVersion: '1.2',
    },
  };
}

function levelsOf({ holds, reproducedIndependently }: SummaryFacts): readonly string[] {
  if (!holds) return ['FAILED'];
  return ['SLSA_BUILD_LEVEL_UNEVALUATED', ...(reproducedIndependently ? ['SLSA_BUILD_REPRODUCED'] : [])];
}
