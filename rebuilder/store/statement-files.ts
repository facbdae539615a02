import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ReproofError } from '../../model/index.ts';
import { checkBaseName } from './base-name.ts';
import { onDisk } from './durable.ts';
import { writeWholeFolder } from './whole-folder.ts';

const FILE_BYTES = 64 * 1024 * 1024;
/** Where what is being written lies. */
const TEMPORARY = '.tmp';

/**
 * The files of statements under FOLDER/OWNER, where an owner is a rebuild's id, or `result-` and a result's number. They
 * are written whole or not at all. Throws STORE_FAILED, and STORE_CORRUPT for what is no base name.
 */
export interface StatementFiles {
  /** By name; undefined where none were written. */
  read(owner: string): Promise<ReadonlyMap<string, Uint8Array> | undefined>;
  /** Whether there are any. */
  has(owner: string): Promise<boolean>;
  /** Everybody who has any, by name. */
  owners(): Promise<readonly string[]>;
  /** All files of an owner at once; what was there and is not among them is gone. */
  write(owner: string, files: ReadonlyMap<string, Uint8Array>): Promise<void>;
}

/** The files of statements below a folder, which is made as needed. */
export function openStatementFiles(folder: string): StatementFiles {
  const placeOf = (owner: string): string => path.join(folder, checkBaseName(owner, 'looking for statements'));
  return {
    read: (owner) => onDisk(`reading the statements of ${owner}`, () => readAll(placeOf(owner))),
    has: (owner) =>
      onDisk(`looking for the statements of ${owner}`, () =>
        stat(placeOf(owner)).then(
          () => true,
          (error: NodeJS.ErrnoException) => {
            if (error.code !== 'ENOENT') throw error;
            return false;
          },
        ),
      ),
    owners: () =>
      onDisk('listing statements', async () => {
        const names = await readdir(folder).catch(unlessThere);
        return (names ?? []).filter((name) => name !== TEMPORARY).sort();
      }),
    write: (owner, files) => {
      for (const name of files.keys()) checkBaseName(name, `writing the statements of ${owner}`);
      return onDisk(`writing the statements of ${owner}`, async () => {
        await writeWholeFolder(folder, checkBaseName(owner, 'writing statements'), files);
      });
    },
  };
}

async function readAll(folder: string): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  const names = await readdir(folder).catch(unlessThere);
  if (names === undefined) return undefined;
  const files = new Map<string, Uint8Array>();
  for (const name of names.sort()) {
    const file = path.join(folder, checkBaseName(name, 'reading statements'));
    if ((await stat(file)).size > FILE_BYTES)
      throw new ReproofError('STORE_CORRUPT', `reading statements: ${file} is larger than any that is written`);
    files.set(name, await readFile(file));
  }
  return files;
}

function unlessThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
