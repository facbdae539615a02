import { open } from 'node:fs/promises';
import { type Check, fail, ok } from './check.ts';
import { keyFingerprints } from './openpgp-keys.ts';

const MAX_KEYRING_BYTES = 16 * 1024 ** 2;
const SHOWN_KEYS = 12;

/** The keyring that Release files are checked with: whether it can be read, and the long ids of its keys. */
export async function checkKeyring(file: string): Promise<readonly Check[]> {
  const todo = 'apt install debian-archive-keyring, or name a keyring with --keyring';
  try {
    await using handle = await open(file, 'r');
    const { size } = await handle.stat();
    if (size > MAX_KEYRING_BYTES) return [fail('keyring', `${file}: ${size} bytes is too much for a keyring`, todo)];
    const keys = keyFingerprints(await handle.readFile());
    if (keys === undefined)
      return [fail('keyring', `${file}: no binary OpenPGP keyring`, 'gpg --dearmor makes one of an .asc file')];
    const ids = keys.map((key) => (key.length === 40 ? key.slice(-16) : key.slice(0, 16)));
    const more = ids.length > SHOWN_KEYS ? ` and ${ids.length - SHOWN_KEYS} more` : '';
    return [ok('keyring', `${file}, ${ids.length} keys: ${ids.slice(0, SHOWN_KEYS).join(' ')}${more}`)];
  } catch (error) {
    return [fail('keyring', `${file}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`, todo)];
  }
}
