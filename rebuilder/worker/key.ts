import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { link, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { ReproofError } from '../../model/index.ts';
import { onDisk, syncFolder, writeNewFile } from '../store/durable.ts';
import { temporaryName } from '../store/temporary.ts';

const MOST_BYTES = 16 * 1024;

/**
 * A worker's private key: Ed25519, in PKCS#8 PEM, made when there is none (mode 0600, whole or not at all; two processes
 * that begin at once get the same). Throws SETTINGS_INVALID for a file that holds none, or that everybody may read;
 * STORE_FAILED.
 */
export async function workerKey(file: string): Promise<KeyObject> {
  const doing = `reading the worker's key ${file}`;
  const there = await readKey(file, doing);
  if (there !== undefined) return there;
  await makeKey(file);
  const made = await readKey(file, doing);
  if (made === undefined) throw new ReproofError('STORE_FAILED', `${doing}: it went away`);
  return made;
}

async function readKey(file: string, doing: string): Promise<KeyObject | undefined> {
  const found = await onDisk(doing, async () => {
    const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (handle === undefined) return undefined;
    try {
      const { mode } = await handle.stat();
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
      return { mode, text: buffer.subarray(0, bytesRead) };
    } finally {
      await handle.close();
    }
  });
  if (found === undefined) return undefined;
  if ((found.mode & 0o007) !== 0)
    throw new ReproofError('SETTINGS_INVALID', `${doing}: everybody on this machine may open it; chmod it to 600`);
  return parseKey(found.text, doing);
}

function parseKey(text: Buffer, doing: string): KeyObject {
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // What the parser says of it may hold a part of the key.
  }
  throw new ReproofError('SETTINGS_INVALID', `${doing}: it holds no Ed25519 private key in PEM without a password`);
}

async function makeKey(file: string): Promise<void> {
  const doing = `making the worker's key ${file}`;
  const folder = path.dirname(file);
  const temporary = path.join(folder, temporaryName());
  const text = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  await onDisk(doing, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  try {
    await writeNewFile(temporary, [Buffer.from(text)], { mode: 0o600, doing });
    // A link is never made over a file that is there: the first of two makers wins.
    await onDisk(doing, () => link(temporary, file)).catch((error: ReproofError) => {
      if ((error.cause as NodeJS.ErrnoException | undefined)?.code !== 'EEXIST') throw error;
    });
    await onDisk(doing, () => syncFolder(folder));
  } finally {
    await rm(temporary, { force: true });
  }
}
