import type { Verdict } from '../../model/index.ts';
import type { ResultArtifact, ResultEntry } from '../store/results/types.ts';

/** Why nothing is known though nothing of ours failed. */
const UNKNOWN_REASONS = ['control rebuild missing', 'nothing published', 'published files changed'];

/**
 * The table of docs/service.md, for results of this process and for reported ones: what a verdict is for lists, and whether it says something of the package. Drift says that nothing is known; most other
 * inconclusive ones that we failed.
 */
export function readingOf({
  verdict,
  reason,
}: {
  readonly verdict: Verdict['kind'];
  readonly reason?: string | undefined;
}): Pick<ResultEntry, 'status' | 'decides'> {
  switch (verdict) {
    case 'reproducible':
      return { status: 'GOOD', decides: true };
    case 'unreproducible':
    case 'failed-to-build':
      return { status: 'BAD', decides: true };
    case 'inconclusive':
      if (reason === 'environment drift') return { status: 'UNKWN', decides: true };
      return { status: UNKNOWN_REASONS.includes(reason ?? '') ? 'UNKWN' : 'FAIL', decides: false };
    default:
      return verdict satisfies never;
  }
}

/** What is said of a file: it is bad only where the whole is. */
export function fileStatus(verdict: ResultArtifact['verdict'], whole: ResultEntry['status']): ResultArtifact['status'] {
  if (verdict === 'identical') return 'GOOD';
  return whole === 'BAD' && (verdict === 'differs' || verdict === 'missing') ? 'BAD' : 'UNKWN';
}
