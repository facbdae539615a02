import { join } from 'node:path';
import { type Keys, openLog, type WritableLog } from '../attest/index.ts';
import { openFileLock } from './store/index.ts';

/** Where the log of a data folder is. All but `.writer/` in it is for everybody. */
export function logFolder(data: string): string {
  return join(data, 'log');
}

/**
 * Opens the transparency log of a data folder for writing, and makes it on first use. Several processes may have it open.
 * `origin`: the setting log.origin. Throws as openLog does, and KEY_*.
 */
export async function openTransparencyLog(
  data: string,
  { keys, origin }: { readonly keys: Keys; readonly origin?: string | undefined },
): Promise<WritableLog> {
  const folder = logFolder(data);
  const signer = await keys.signer('log');
  const formerKeys = (await keys.history())
    .filter(({ use, keyid }) => use === 'log' && keyid !== signer.keyid)
    .map(({ publicKey }) => publicKey);
  const lock = await openFileLock(join(folder, '.writer', 'lock'));
  try {
    return await openLog({ folder, signer, formerKeys, lock, ...(origin === undefined ? {} : { origin }) });
  } catch (error) {
    await lock.close();
    throw error;
  }
}
