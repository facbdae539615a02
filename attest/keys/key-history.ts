import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { canonicalJson, ReproofError } from '../../model/index.ts';
import { type PublicKey, readPublicKey } from '../public-key.ts';
import { decodeBase64, parseStrictJson } from '../strict-json.ts';
import { writeOnce } from './key-file.ts';
import { KEY_ALGORITHMS, type KeyLife, type KeyUse } from './key-life.ts';

const schema = z.strictObject({
  schema: z.literal('reproof-key/1'),
  use: z.enum(['statement', 'log']),
  keyid: z.string().regex(/^[0-9a-f]{64}$/),
  /** SubjectPublicKeyInfo in base64. */
  publicKey: z.string().max(400),
  validFrom: z.iso.datetime({ precision: 3 }),
});
type Entry = z.infer<typeof schema>;

const NAME = /^[0-9]{6}\.json$/;
const ENTRY_LIMITS = { bytes: 4_096, depth: 4 };
const ADD_TRIES = 100;

/**
 * The lives of all keys in the order they began, from FOLDER/NNNNNN.json: one file for each change, and none is ever
 * changed. Throws STORE_CORRUPT where one is missing or damaged.
 */
export async function readKeyHistory(folder: string): Promise<readonly KeyLife[]> {
  const entries = await readEntries(folder);
  return entries.map((entry, index): KeyLife => {
    const next = entries.slice(index + 1).find(({ use }) => use === entry.use);
    return {
      ...keyOf(entry),
      use: entry.use,
      validFrom: entry.validFrom,
      ...(next === undefined ? {} : { validUntil: next.validFrom }),
    };
  });
}

/** Notes that a key signs from now on, unless it is the one that does already. Several processes may do so at once. */
export async function noteKey(folder: string, use: KeyUse, { key, now }: { key: PublicKey; now: Date }): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (let tries = 0; tries < ADD_TRIES; tries++) {
    const entries = await readEntries(folder);
    const last = entries.findLast((entry) => entry.use === use);
    if (last?.keyid === key.keyid) return;
    // A clock that was set back must not make lives overlap.
    const earliest = entries.at(-1)?.validFrom ?? '';
    const at = now.toISOString();
    const entry: Entry = {
      schema: 'reproof-key/1',
      use,
      keyid: key.keyid,
      publicKey: Buffer.from(key.publicKey).toString('base64'),
      validFrom: at > earliest ? at : earliest,
    };
    const name = `${String(entries.length + 1).padStart(6, '0')}.json`;
    if (await writeOnce(path.join(folder, name), Buffer.from(`${canonicalJson(entry)}\n`))) return;
  }
  throw new ReproofError('STORE_FAILED', `noting a key in ${folder}: others noted theirs ${ADD_TRIES} times meanwhile`);
}

async function readEntries(folder: string): Promise<readonly Entry[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const entries = names.filter((name) => NAME.test(name)).sort();
  return Promise.all(entries.map((name, index) => readEntry(folder, name, index + 1)));
}

async function readEntry(folder: string, name: string, number: number): Promise<Entry> {
  const file = path.join(folder, name);
  const corrupt = (why: string, cause?: unknown): ReproofError =>
    new ReproofError('STORE_CORRUPT', `reading the history of keys ${file}: ${why}`, { cause });
  if (Number(name.slice(0, -'.json'.length)) !== number) throw corrupt('the one before it is missing');
  try {
    const entry = schema.parse(parseStrictJson(await readFile(file), 'reading the history of keys', ENTRY_LIMITS));
    if (keyOf(entry).algorithm !== KEY_ALGORITHMS[entry.use]) throw corrupt('its key is of another kind');
    return entry;
  } catch (error) {
    if (error instanceof ReproofError && error.code === 'STORE_CORRUPT') throw error;
    throw corrupt('it is not what was written', error);
  }
}

function keyOf({ keyid, publicKey }: Entry): PublicKey {
  const key = readPublicKey(decodeBase64(publicKey) ?? new Uint8Array());
  if (key.keyid !== keyid) throw new ReproofError('KEY_INVALID', `reading the key ${keyid}: its name is another's`);
  return key;
}
