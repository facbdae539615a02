export { type BackupNote, backup, type CopiedFiles } from './backup.ts';
export { type FsckReport, fsck } from './fsck.ts';
export { notePruned, type Pruned, prune, type RetentionRules } from './prune.ts';
export { type PublishedRebuild, publishedRebuilds } from './published.ts';
export { type Restored, restore } from './restore.ts';
