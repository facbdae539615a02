import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ReproofError } from '../model/index.ts';
import { writeOnce } from './keys/key-file.ts';
import type { LinkSigner } from './link.ts';

/** The key's file inside a data folder: DER as rebuilderd writes its own (rebuilderd.sign.key may be put in its place). */
export const LINK_KEY_FILE = 'link.sign.key';

/** PKCS#8 of Ed25519 as node:crypto reads it (version 1), and as rebuilderd's keys are: version 2, public key behind. */
const VERSION_1 = Buffer.from('302e020100300506032b657004220420', 'hex');
const VERSION_2 = Buffer.from('3051020101300506032b657004220420', 'hex');
const PUBLIC_PART = Buffer.from('812100', 'hex');
const SEED_BYTES = 32;

/**
 * The key of a data folder, made on first use: a file that only its owner reads, there whole or not at all, whichever of
 * several processes makes it. Throws STORE_FAILED, and STORE_CORRUPT for a file that is no such key.
 */
export async function openLinkKey(folder: string): Promise<LinkSigner> {
  const file = path.join(folder, LINK_KEY_FILE);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const there = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    if (there !== undefined) return readLinkKey(there);
    await writeOnce(file, writeLinkKey(randomBytes(SEED_BYTES)));
    return readLinkKey(await readFile(file));
  } catch (cause) {
    if (cause instanceof ReproofError) throw cause;
    throw new ReproofError('STORE_FAILED', `opening the key ${file}: ${(cause as Error).message}`, { cause });
  }
}

/** Reads a key as rebuilderd keeps it: PKCS#8, version 2 or 1, in DER or PEM. Throws STORE_CORRUPT. */
export function readLinkKey(bytes: Uint8Array): LinkSigner {
  const der = derOf(bytes);
  const seed = seedOf(der);
  const key = createPrivateKey({ key: Buffer.concat([VERSION_1, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-SEED_BYTES));
  const said = der.subarray(VERSION_2.length + SEED_BYTES + PUBLIC_PART.length);
  if (said.length > 0 && !said.equals(publicKey))
    throw new ReproofError('STORE_CORRUPT', 'reading a signing key: its public part belongs to another key');
  return { publicKey, sign: (message) => new Uint8Array(sign(null, message, key)) };
}

/** A key of 32 bytes in the form of rebuilderd's files. */
export function writeLinkKey(seed: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.concat([VERSION_1, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-SEED_BYTES);
  return Buffer.concat([VERSION_2, seed, PUBLIC_PART, publicKey]);
}

function derOf(bytes: Uint8Array): Buffer {
  const buffer = Buffer.from(bytes);
  if (!buffer.subarray(0, 11).equals(Buffer.from('-----BEGIN '))) return buffer;
  const body = /^-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]{1,400})-----END PRIVATE KEY-----\s*$/.exec(
    buffer.toString('latin1'),
  )?.[1];
  return Buffer.from((body ?? '').replaceAll(/\s/g, ''), 'base64');
}

function seedOf(der: Buffer): Buffer {
  const start = VERSION_1.length;
  const end = start + SEED_BYTES;
  const isVersion1 = der.length === end && der.subarray(0, start).equals(VERSION_1);
  const isVersion2 =
    der.length === end + PUBLIC_PART.length + SEED_BYTES &&
    der.subarray(0, start).equals(VERSION_2) &&
    der.subarray(end, end + PUBLIC_PART.length).equals(PUBLIC_PART);
  if (isVersion1 || isVersion2) return der.subarray(start, end);
  throw new ReproofError('STORE_CORRUPT', 'reading a signing key: it is no Ed25519 key in PKCS#8');
}
