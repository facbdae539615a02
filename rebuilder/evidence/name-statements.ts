import { comparisonStatements, provenanceStatement, type RebuildFacts } from '../../attest/index.ts';
import type { Target } from '../../model/index.ts';
import type { NamedStatement } from './types.ts';

/**
 * All statements about a rebuild, named: FILE.comparison for each published file, and SOURCE_VERSION_ARCHITECTURE.provenance
 * where files were built. Throws PLAN_INVALID.
 */
export function statementsOf(facts: RebuildFacts): readonly NamedStatement[] {
  const provenance = provenanceStatement(facts);
  const comparisons = comparisonStatements(facts).map((statement) => ({
    name: `${statement.subject[0]?.name}.comparison`,
    statement,
  }));
  if (provenance === undefined || facts.plan === undefined) return comparisons;
  return [...comparisons, { name: provenanceName(facts.plan.target), statement: provenance }];
}

/** SOURCE_VERSION_ARCHITECTURE.provenance, as dpkg names files: without the epoch. */
export function provenanceName({ source, version, architecture }: Target): string {
  return `${source}_${version.replace(/^\d+:/, '')}_${architecture}.provenance`;
}
