import type { ComparisonPredicate } from './comparison.ts';
import { malformed, readBy } from './read-statement.ts';
import schema from './schemas/rebuild-comparison-v1.json' with { type: 'json' };
import { COMPARISON_TYPE, type Statement } from './types.ts';

/**
 * A comparison statement of ours, from a payload whose signature was found right. Refuses what contradicts itself: a
 * file called identical whose digests are not, or a file called reproducible that is not identical.
 * Throws EVIDENCE_LIMIT, EVIDENCE_MALFORMED, EVIDENCE_TYPE.
 */
export function readComparison(payload: Uint8Array): Statement<ComparisonPredicate> {
  const statement = readBy(schema, payload, COMPARISON_TYPE) as Statement<ComparisonPredicate>;
  const { subject, predicate } = statement;
  const { artifact, verdict: whole } = predicate;
  const published = subject[0]?.digest.sha256;
  const rebuilt = artifact.rebuilt?.digest?.sha256;
  const compared = artifact.verdict === 'identical' || artifact.verdict === 'differs';
  if (compared !== (rebuilt !== undefined)) refuse('a file was compared without a rebuilt one, or the other way round');
  if (artifact.verdict === 'identical' && rebuilt !== published) refuse('a file is identical and has other bytes');
  if (artifact.verdict === 'differs' && rebuilt === published) refuse('a file differs and has the same bytes');
  if (whole.kind === 'reproducible' && artifact.verdict !== 'identical')
    refuse('the rebuild is reproducible and its file is not');
  return statement;
}

function refuse(why: string): never {
  throw malformed(why);
}
