import type { FileDigest } from './digest.ts';

/** What became of one file. `extra` files (debug symbols, udebs) are listed and never judged. */
export type ArtifactVerdict =
  | { readonly kind: 'identical'; readonly name: string; readonly published: FileDigest; readonly rebuilt: FileDigest }
  | { readonly kind: 'differs'; readonly name: string; readonly published: FileDigest; readonly rebuilt: FileDigest }
  | { readonly kind: 'missing'; readonly name: string; readonly published: FileDigest }
  | { readonly kind: 'extra'; readonly name: string; readonly rebuilt: FileDigest };

/** Why a rebuild could not be concluded. Each says nothing about the package. */
export type InconclusiveReason =
  | 'source unavailable'
  | 'environment unavailable'
  | 'environment drift'
  | 'limit exceeded'
  | 'infrastructure'
  | 'nothing published'
  | 'control rebuild missing';

/** The word and why. `detail` is one sentence for a person. */
export type Verdict =
  | { readonly kind: 'reproducible'; readonly detail: string }
  | {
      readonly kind: 'unreproducible';
      /** nondeterministic: two rebuilds differ. different: the recorded environment gives other bytes. */
      readonly reason: 'nondeterministic' | 'different';
      readonly detail: string;
    }
  | { readonly kind: 'failed-to-build'; readonly detail: string }
  | { readonly kind: 'inconclusive'; readonly reason: InconclusiveReason; readonly detail: string };

/** Exit status of `reproof rebuild` for each word. */
export const VERDICT_EXIT_STATUS = {
  reproducible: 0,
  unreproducible: 1,
  inconclusive: 2,
  'failed-to-build': 3,
} as const satisfies Record<Verdict['kind'], number>;
