export { type LaidOut, layOut } from './lay-out.ts';
export { FOLDERS, memberName, SINGLE_FILES, type SingleFile } from './layout.ts';
export { type ArtifactSink, isPack, PACK_LIMITS, type Pack, type PackLimits, readPack } from './read-pack.ts';
export { type PackContent, type PackedArtifact, writePack } from './write-pack.ts';
