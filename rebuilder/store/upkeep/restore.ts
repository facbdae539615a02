import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isReproofError, ReproofError } from '../../../model/index.ts';
import { openBlobs } from '../blobs.ts';
import type { Database } from '../database.ts';
import { onDisk } from '../durable.ts';
import { openDatabase } from '../open-database.ts';
import { BACKUP_NOTE, type BackupNote, type CopiedFiles, copyTree, writeWhole } from './backup.ts';
import { type FsckReport, fsck } from './fsck.ts';

export type Restored = { readonly note: BackupNote; readonly copied: CopiedFiles; readonly report?: FsckReport };

/** Looks at what else is in a copied data folder, with its database where that is in it; says what is wrong first. */
export type LookAtCopy = (data: string, database?: Database) => Promise<string | undefined>;

/**
 * Copies a backup to a new data folder and looks at every byte of the copy before it gets its name. What is damaged is
 * not restored. Throws USAGE when `data` is there and not empty or `from` is no backup, STORE_CORRUPT for a damaged one,
 * STORE_VERSION for one of a newer version.
 */
export async function restore(from: string, data: string, look: LookAtCopy = async () => undefined): Promise<Restored> {
  const doing = `restoring the backup ${from} to ${data}`;
  const note = await readNote(from, doing);
  return writeWhole(data, doing, async (draft) => {
    const copied = await onDisk(doing, () =>
      copyTree({ from, to: draft, links: false, leave: (name) => name === BACKUP_NOTE }),
    );
    if (note.database === 'postgres') {
      refuse(doing, await look(draft));
      return { note, copied };
    }
    const database = await openDatabase(draft);
    try {
      const report = await fsck({ database, blobs: await openBlobs(path.join(draft, 'blobs')) }, { quick: false });
      if (!report.ok) refuse(doing, firstFault(report));
      refuse(doing, await look(draft, database));
      return { note, copied, report };
    } finally {
      await database.close();
    }
  });
}

async function readNote(folder: string, doing: string): Promise<BackupNote> {
  try {
    const note = JSON.parse(await readFile(path.join(folder, BACKUP_NOTE), 'utf8')) as BackupNote;
    if (note.schema === 'reproof-backup/1') return note;
    throw new ReproofError('STORE_VERSION', `${doing}: it was made by another version of reproof (${note.schema})`);
  } catch (cause) {
    if (isReproofError(cause)) throw cause;
    throw new ReproofError('USAGE', `${doing}: it is no whole backup, for ${BACKUP_NOTE} cannot be read`, { cause });
  }
}

function firstFault(report: FsckReport): string {
  return (
    report.database[0] ??
    (report.damaged[0] === undefined
      ? `blob ${report.missing[0]?.sha256} is missing`
      : `blob ${report.damaged[0]} has other bytes`)
  );
}

function refuse(doing: string, fault: string | undefined): void {
  if (fault === undefined) return;
  throw new ReproofError('STORE_CORRUPT', `${doing}: the backup is damaged, and nothing was restored: ${fault}`);
}
