import type { CommonOptions } from '../context.ts';

/** The options of `reproof verify`, as typed. */
export type VerifyOptions = CommonOptions & {
  readonly evidence?: readonly string[];
  readonly policy: string;
  readonly at?: Date;
  readonly fromRebuilderd?: readonly string[];
  readonly writeVsa?: string;
  readonly verifier?: string;
};

/** The options of `reproof evidence`, as typed. */
export type EvidenceOptions = CommonOptions & {
  readonly output?: string;
  readonly extract?: string;
  readonly withArtifacts?: boolean;
};
