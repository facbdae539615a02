import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { ReproofError } from '../../model/index.ts';

const KEY_FILE_BYTES = 16 * 1024;

/**
 * Writes a file for its owner alone, whole and on the disk before it has its name; the first one to come keeps it.
 * Whether it was this one.
 */
export async function writeOnce(file: string, bytes: Uint8Array): Promise<boolean> {
  return placed(file, bytes, async (temporary) => {
    try {
      await link(temporary, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return false;
    } finally {
      await unlink(temporary);
    }
  });
}

/** The same for a file that may be there: it is one or the other at any moment. */
export async function writeOver(file: string, bytes: Uint8Array): Promise<void> {
  await placed(file, bytes, (temporary) => rename(temporary, file));
}

async function placed<T>(file: string, bytes: Uint8Array, place: (temporary: string) => Promise<T>): Promise<T> {
  const temporary = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } catch (error) {
    await unlink(temporary);
    throw error;
  } finally {
    await handle.close();
  }
  const done = await place(temporary);
  const folder = await open(path.dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
  return done;
}

/** A file of a key: our own ones are for their owner alone and no link; one that is given may be read by its group. */
export type KeyFileKind = 'own' | 'given';

/**
 * The text of a private key's file; undefined when it is not there. Throws KEY_EXPOSED where others can read or write
 * it, KEY_INVALID where it is no file of a key's size.
 */
export async function readKeyFile(file: string, kind: KeyFileKind): Promise<string | undefined> {
  const follow = kind === 'own' ? constants.O_NOFOLLOW : 0;
  const handle = await open(file, constants.O_RDONLY | follow).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    if (error.code === 'ELOOP') throw new ReproofError('KEY_EXPOSED', `reading the key ${file}: it is a symbolic link`);
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const { mode, uid, size } = await handle.stat();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG)
      throw new ReproofError('KEY_INVALID', `reading the key ${file}: it is no file`);
    const open = mode & (kind === 'own' ? 0o077 : 0o037);
    if (open !== 0)
      throw new ReproofError(
        'KEY_EXPOSED',
        `reading the key ${file}: its mode is ${(mode & 0o777).toString(8).padStart(4, '0')}, so others than its owner can use it`,
      );
    if (kind === 'own' && uid !== 0 && uid !== process.geteuid?.())
      throw new ReproofError('KEY_EXPOSED', `reading the key ${file}: it belongs to user ${uid}`);
    if (size > KEY_FILE_BYTES)
      throw new ReproofError('KEY_INVALID', `reading the key ${file}: it is too long for a key`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
