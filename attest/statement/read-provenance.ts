import type { ProvenancePredicate } from './provenance.ts';
import { readBy } from './read-statement.ts';
import schema from './schemas/debian-rebuild-v1.json' with { type: 'json' };
import { PROVENANCE_TYPE, type Statement } from './types.ts';

/**
 * Provenance of ours, from a payload whose signature was found right. SLSA asks readers to refuse parameters they do not
 * know. Throws EVIDENCE_LIMIT, EVIDENCE_MALFORMED, EVIDENCE_TYPE.
 */
export function readProvenance(payload: Uint8Array): Statement<ProvenancePredicate> {
  return readBy(schema, payload, PROVENANCE_TYPE) as Statement<ProvenancePredicate>;
}
