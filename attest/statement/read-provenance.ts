import type { ProvenancePredicate } from './provenance.ts';
import { malformed, readBy } from './read-statement.ts';
import schema from './schemas/debian-rebuild-v1.json' with { type: 'json' };
import { PROVENANCE_TYPE, type Statement, WORKER_BUILDER_ID } from './types.ts';

/**
 * Provenance of ours, from a payload whose signature was found right. SLSA asks readers to refuse parameters they do not
 * know. A worker is named where one built, and nowhere else. Throws EVIDENCE_LIMIT, EVIDENCE_MALFORMED, EVIDENCE_TYPE.
 */
export function readProvenance(payload: Uint8Array): Statement<ProvenancePredicate> {
  const statement = readBy(schema, payload, PROVENANCE_TYPE) as Statement<ProvenancePredicate>;
  const { buildDefinition, runDetails } = statement.predicate;
  const byWorker = runDetails.builder.id === WORKER_BUILDER_ID;
  if (byWorker !== (buildDefinition.internalParameters.worker !== undefined))
    throw malformed('a worker is named where none built, or the other way round');
  return statement;
}
