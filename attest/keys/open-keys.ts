import type { KeyObject } from 'node:crypto';
import { chmod, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ReproofError } from '../../model/index.ts';
import { publicKeyOf } from '../public-key.ts';
import { keySigner, type Signer } from '../signer.ts';
import { readKeyFile, writeOnce, writeOver } from './key-file.ts';
import { noteKey, readKeyHistory } from './key-history.ts';
import { KEY_ALGORITHMS, type KeyLife, type KeyUse } from './key-life.ts';
import { makePrivateKey, readPrivateKey, writePrivateKey } from './private-key.ts';

/** A key that is not ours to make: its PEM, as a variable held it, or the file it is in. `named` is for messages. */
export type GivenKey =
  | { readonly kind: 'text'; readonly pem: string; readonly named: string }
  | { readonly kind: 'file'; readonly file: string };

/** A passphrase, or the file whose first line it is. */
export type GivenPassphrase =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly file: string };

export type KeysOptions = {
  /** DATA/keys: made as needed, for its owner alone. */
  readonly folder: string;
  readonly given?: Partial<Readonly<Record<KeyUse, GivenKey>>>;
  /** Opens keys that are encrypted; those that are made are encrypted with it. */
  readonly passphrase?: GivenPassphrase;
  readonly now: () => Date;
};

/** The keys of a data folder. */
export interface Keys {
  /** What signs now: given, or of the folder, where it is made on first use. Throws KEY_*, STORE_*. */
  signer(use: KeyUse): Promise<Signer>;
  /** All keys that signed, in the order they began. Throws STORE_CORRUPT. */
  history(): Promise<readonly KeyLife[]>;
  /**
   * Puts a new key in the place of the one that signs, or an imported one; the old private key is gone then, and its
   * life is in the history. Throws KEY_INVALID where the key is given from outside;
   * KEY_*, STORE_*.
   */
  replace(use: KeyUse, imported?: ImportedKey): Promise<ReplacedKey>;
}

/** The key that signs now, and the one before, which only this value can still sign with. */
export type ReplacedKey = { readonly next: Signer; readonly before?: Signer };

/** PKCS#8 in PEM, and what opens it where it is encrypted. `named` is for messages. */
export type ImportedKey = { readonly pem: string; readonly passphrase?: string; readonly named: string };

/** Where the history of keys is, in the folder of keys. */
const HISTORY = 'history';
const WRITE_MODE = 0o022;

/** Opens the keys of a data folder; nothing is made or read yet. */
export function openKeys(options: KeysOptions): Keys {
  const history = path.join(options.folder, HISTORY);
  const inPlace = <T>(doing: string, work: () => Promise<T>): Promise<T> =>
    onDisk(`${doing} in ${options.folder}`, async () => {
      await openFolder(options.folder);
      return work();
    });
  const noted = async (use: KeyUse, key: KeyObject): Promise<Signer> => {
    const signer = keySigner(key);
    await noteKey(history, use, { key: publicKeyOf(key), now: options.now() });
    return signer;
  };
  return {
    signer: (use) => inPlace(`opening the ${use} key`, async () => noted(use, await currentKey(use, options))),
    history: () => onDisk('reading the history of keys', () => readKeyHistory(history)),
    replace: (use, imported) =>
      inPlace(`replacing the ${use} key`, async () => {
        const given = options.given?.[use];
        if (given !== undefined)
          throw new ReproofError(
            'KEY_INVALID',
            `replacing the ${use} key: it is given by ${given.kind === 'text' ? given.named : given.file}; replace it there`,
          );
        const algorithm = KEY_ALGORITHMS[use];
        // The one before is in the history, even if it never signed in this process.
        const isThere = (await readKeyFile(fileOf(use, options), 'own')) !== undefined;
        const before = isThere ? await noted(use, await currentKey(use, options)) : undefined;
        const key =
          imported === undefined
            ? makePrivateKey(algorithm)
            : readPrivateKey(imported.pem, imported.passphrase, {
                doing: `importing the ${use} key ${imported.named}`,
                algorithm,
              });
        await writeOver(fileOf(use, options), Buffer.from(writePrivateKey(key, await passphraseOf(options))));
        const next = await noted(use, await currentKey(use, options));
        return { next, ...(before === undefined ? {} : { before }) };
      }),
  };
}

function fileOf(use: KeyUse, { folder }: KeysOptions): string {
  return path.join(folder, `${use}.pem`);
}

async function currentKey(use: KeyUse, options: KeysOptions): Promise<KeyObject> {
  const algorithm = KEY_ALGORITHMS[use];
  const given = options.given?.[use];
  if (given?.kind === 'text')
    return readPrivateKey(given.pem, await passphraseOf(options), {
      doing: `reading the ${use} key of ${given.named}`,
      algorithm,
    });
  const file = given?.file ?? fileOf(use, options);
  const read = async (): Promise<KeyObject | undefined> => {
    const pem = await readKeyFile(file, given === undefined ? 'own' : 'given');
    if (pem === undefined) return undefined;
    return readPrivateKey(pem, await passphraseOf(options), { doing: `reading the ${use} key ${file}`, algorithm });
  };
  const there = await read();
  if (there !== undefined) return there;
  if (given !== undefined) throw new ReproofError('KEY_INVALID', `reading the ${use} key ${file}: it is not there`);
  const lost = (await readKeyHistory(path.join(options.folder, HISTORY))).findLast((life) => life.use === use);
  if (lost !== undefined) {
    // Whoever noted it in the history had put it in its place before: it may have come since.
    const come = await read();
    if (come !== undefined) return come;
    // A key that signed and is gone is a loss to be seen: it is never made anew by itself.
    throw new ReproofError(
      'KEY_INVALID',
      `opening the ${use} key: ${options.folder} lacks the key ${lost.keyid} that signed until now; restore it, or reproof key rotate --use ${use} makes another`,
    );
  }
  await writeOnce(file, Buffer.from(writePrivateKey(makePrivateKey(algorithm), await passphraseOf(options))));
  const made = await read();
  if (made === undefined) throw new ReproofError('STORE_FAILED', `making the ${use} key ${file}: it is gone again`);
  return made;
}

/** A key's file that is to be imported. Throws KEY_INVALID, KEY_EXPOSED, KEY_LOCKED, STORE_FAILED. */
export async function readGivenKey(file: string, passphrase?: GivenPassphrase): Promise<ImportedKey> {
  return onDisk(`reading the key ${file}`, async () => {
    const pem = await readKeyFile(file, 'given');
    if (pem === undefined) throw new ReproofError('KEY_INVALID', `reading the key ${file}: it is not there`);
    const opened = await passphraseOf({ passphrase });
    return { pem, named: file, ...(opened === undefined ? {} : { passphrase: opened }) };
  });
}

async function passphraseOf({
  passphrase,
}: {
  readonly passphrase?: GivenPassphrase | undefined;
}): Promise<string | undefined> {
  if (passphrase?.kind !== 'file') return passphrase?.text;
  const text = await readKeyFile(passphrase.file, 'given');
  const first = text?.split('\n')[0]?.replace(/\r$/, '') ?? '';
  if (first === '')
    throw new ReproofError('KEY_LOCKED', `reading the passphrase of ${passphrase.file}: it is not there, or empty`);
  return first;
}

async function openFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { mode } = await stat(folder);
  if ((mode & WRITE_MODE) !== 0)
    throw new ReproofError(
      'KEY_EXPOSED',
      `opening the folder of keys ${folder}: others than its owner can write to it`,
    );
  // Readable names give no key away, but nobody needs to see them.
  if ((mode & 0o077) !== 0) await chmod(folder, 0o700);
}

async function onDisk<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ReproofError || !(cause instanceof Error) || !('syscall' in cause)) throw cause;
    throw new ReproofError('STORE_FAILED', `${doing}: ${cause.message}`, { cause });
  }
}
