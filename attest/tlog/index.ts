export {
  type Checkpoint,
  openCheckpoint,
  readCheckpoint,
  type SignedCheckpoint,
  signCheckpoint,
  witnessesOf,
  writeCheckpoint,
} from './checkpoint.ts';
export { cosign, cosignedAt } from './cosignature.ts';
export {
  bundleEntry,
  entryOf,
  type LoggedSignature,
  type LogKeyLife,
  type LogProof,
  logId,
  readEntry,
  type TrustedLog,
  trustedRoot,
  writeEntry,
} from './entry.ts';
export {
  type Consistency,
  consistencyRanges,
  EMPTY_ROOT,
  type Inclusion,
  inclusionRanges,
  joinSubtrees,
  type LeafRange,
  leafHash,
  nodeHash,
  type Subtree,
  subtreesOf,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';
export {
  NOTE_LIMITS,
  type Note,
  type NoteLimits,
  readNote,
  readSignatureLines,
  signNote,
  verifyNote,
  writeNote,
  writeSignatureLine,
} from './note.ts';
export {
  type NoteKeyType,
  type NoteSignature,
  rawEd25519,
  readVerifierKey,
  spkiOfEd25519,
  type VerifierKey,
  verifierKey,
  writeVerifierKey,
} from './note-key.ts';
export { type MonitorOptions, type MonitorResult, monitorLog } from './reader/monitor-log.ts';
export { folderSource, type ListedSource, type TileSource } from './reader/tile-source.ts';
export { openTree, type VerifiedTree } from './reader/verified-tree.ts';
export { type LogFault, type LogReport, type VerifyOptions, verifyLog } from './reader/verify-log.ts';
export { sameBytes } from './strict-text.ts';
export * from './tiles.ts';
export { writeWitnessRequest } from './witness-request.ts';
export { openLog } from './writer/open-log.ts';
export { isOrigin } from './writer/origin.ts';
export type { LogGrowth, LogLock, LogOptions, WritableLog } from './writer/types.ts';
