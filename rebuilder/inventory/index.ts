export { DEB_LIMITS, type DebLimits } from './deb-members.ts';
export {
  artifactOfRebuild,
  environmentOfRebuild,
  planOf,
  readStoredDeb,
  type StoredReading,
  type WantedArtifact,
} from './of-rebuild.ts';
export { readDeb } from './read-deb.ts';
export {
  FILE_LIMITS,
  type FileLimits,
  type FileReading,
  readInventory,
  readSubject,
  type SbomSubject,
} from './read-file.ts';
