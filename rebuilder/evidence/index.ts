export { attestPending, attestPendingResults, type PendingOptions } from './attest-pending.ts';
export { attestResult, ownerOfResult, type ResultsContext } from './attest-result.ts';
export { type LeftEvidence, leaveEvidence } from './leave-evidence.ts';
export { type DataEvidenceOptions, dataKeys, type EvidenceSettings, openDataEvidence } from './open-data-evidence.ts';
export { type EvidenceParts, openEvidence } from './open-evidence.ts';
export { type DataLog, readDataLog } from './read-data-log.ts';
export { publishRotations, type ReplacementTold, replaceKey } from './replace-key.ts';
export type * from './types.ts';
