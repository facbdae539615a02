export { checkEvidence, type EvidenceFault, type EvidenceReport, type EvidenceSources } from './check-evidence.ts';
export { lookAtCopiedEvidence } from './look-at-copy.ts';
