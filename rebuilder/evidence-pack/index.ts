export { linksFromRebuilderd } from './from-rebuilderd.ts';
export { type FetchDocument, GATHER_LIMITS, type GatherLimits, gatherEvidence } from './gather.ts';
export { type PackExtras, type PackSources, packOfOwner } from './pack-of-owner.ts';
export { writeLaidOut } from './write-laid-out.ts';
export { writePackFile } from './write-pack-file.ts';
