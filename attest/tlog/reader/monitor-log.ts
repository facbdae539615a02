import { hash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { ReproofError } from '../../../model/index.ts';
import { openCheckpoint, type SignedCheckpoint, witnessesOf } from '../checkpoint.ts';
import { verifyConsistency } from '../merkle.ts';
import { NOTE_LIMITS, writeNote } from '../note.ts';
import { readVerifierKey, type VerifierKey, writeVerifierKey } from '../note-key.ts';
import { sameBytes } from '../strict-text.ts';
import type { TileSource } from './tile-source.ts';
import { openTree } from './verified-tree.ts';

/** What watching a log found, compared with what is remembered of it. */
export type MonitorResult =
  | {
      readonly kind: 'first';
      readonly origin: string;
      readonly size: number;
      readonly witnesses: readonly string[];
      readonly isKeyGiven: boolean;
    }
  | {
      readonly kind: 'consistent';
      readonly origin: string;
      readonly from: number;
      readonly size: number;
      readonly witnesses: readonly string[];
    }
  | {
      readonly kind: 'alarm';
      readonly origin: string;
      /** forked: two histories are signed; shrunk: it is shorter than it was. */
      readonly alarm: 'forked' | 'shrunk';
      readonly from: number;
      readonly size: number;
      /** Files with both checkpoints, as they were signed. */
      readonly evidence: readonly [remembered: string, shown: string];
    };

export type MonitorOptions = {
  /** Where what is known of logs is remembered. */
  readonly memory: string;
  /** What the log is called by whoever asks: its address or folder. */
  readonly address: string;
  /** The log's key; undefined: the one remembered for the address, or the first time the one the log itself names. */
  readonly key?: VerifierKey;
  readonly witnesses?: readonly VerifierKey[];
};

const KEY_BYTES = 1024;

/**
 * Proves that a log only grew since it was last looked at, by its own tiles, and remembers its newest checkpoint. An alarm
 * changes nothing of what is remembered, and keeps both checkpoints as files. Throws LOG_CORRUPT, LOG_MALFORMED and
 * LOG_SIGNATURE_INVALID where the log does not show what could be compared, STORE_FAILED, and what the source throws.
 */
export async function monitorLog(source: TileSource, options: MonitorOptions): Promise<MonitorResult> {
  const place = path.join(options.memory, 'addresses', nameOf(options.address));
  const keptKey = await readKept(place);
  const key =
    options.key ?? (keptKey === undefined ? await firstKey(source, options.memory) : readVerifierKey(keptKey.trim()));
  const bytes = await source.read('checkpoint', NOTE_LIMITS.bytes);
  if (bytes === undefined) throw new ReproofError('LOG_CORRUPT', 'reading checkpoint of a log: it is missing');
  const shown = openCheckpoint(bytes, key);
  const { origin, size } = shown.checkpoint;
  const witnesses = witnessesOf(shown, options.witnesses ?? []).map(({ name }) => name);
  const memory = path.join(options.memory, nameOf(origin));
  const known = (await rememberedOf(memory))?.signed;
  if (known !== undefined) {
    const { checkpoint } = known;
    if (size < checkpoint.size) return await alarm(memory, 'shrunk', { remembered: known, shown });
    const isSame = size === checkpoint.size && sameBytes(shown.checkpoint.rootHash, checkpoint.rootHash);
    if (!isSame && (size === checkpoint.size || !(await growsFrom(source, known, shown))))
      return await alarm(memory, 'forked', { remembered: known, shown });
  } else await openTree(source, shown.checkpoint);
  // The key and what it signed belong together: either may be replaced.
  await remember(path.join(memory, 'newest'), `${writeVerifierKey(key)}\n\n${writeNote(shown.note)}`);
  await remember(place, `${writeVerifierKey(key)}\n`);
  return known === undefined
    ? { kind: 'first', origin, size, witnesses, isKeyGiven: options.key !== undefined }
    : { kind: 'consistent', origin, from: known.checkpoint.size, size, witnesses };
}

/** Tiles that do not lead to the shown root throw: what they prove would be nothing. */
async function growsFrom(source: TileSource, known: SignedCheckpoint, shown: SignedCheckpoint): Promise<boolean> {
  const from = { size: known.checkpoint.size, root: known.checkpoint.rootHash };
  const to = { size: shown.checkpoint.size, root: shown.checkpoint.rootHash };
  const tree = await openTree(source, shown.checkpoint);
  if (!sameBytes(await tree.rootAt(from.size), from.root)) return false;
  verifyConsistency({ from, to, proof: await tree.consistencyProof(from.size) });
  return true;
}

/** Of a log that is known from another address its key is known too: no other may speak for it. */
async function firstKey(source: TileSource, memory: string): Promise<VerifierKey> {
  const shown = await shownKey(source);
  return (await rememberedOf(path.join(memory, nameOf(shown.name))))?.key ?? shown;
}

async function shownKey(source: TileSource): Promise<VerifierKey> {
  const bytes = await source.read('log.vkey', KEY_BYTES);
  if (bytes === undefined)
    throw new ReproofError(
      'LOG_CORRUPT',
      'watching a log: there is no log.vkey there; is it a log? Its key can be named with --key',
    );
  return readVerifierKey(Buffer.from(bytes).toString('utf8').trim());
}

async function rememberedOf(
  memory: string,
): Promise<{ readonly signed: SignedCheckpoint; readonly key: VerifierKey } | undefined> {
  const text = await readKept(path.join(memory, 'newest'));
  if (text === undefined) return undefined;
  const split = Math.max(text.indexOf('\n\n'), 0);
  const key = readVerifierKey(text.slice(0, split));
  return { signed: openCheckpoint(Buffer.from(text.slice(split + 2)), key), key };
}

async function alarm(
  memory: string,
  kind: 'forked' | 'shrunk',
  { remembered, shown }: { readonly remembered: SignedCheckpoint; readonly shown: SignedCheckpoint },
): Promise<MonitorResult> {
  const folder = path.join(memory, 'alarms');
  const keep = async (name: string, { note }: SignedCheckpoint): Promise<string> => {
    const text = writeNote(note);
    const file = path.join(folder, `${name}-${hash('sha256', text, 'hex').slice(0, 16)}`);
    await remember(file, text);
    return file;
  };
  return {
    kind: 'alarm',
    origin: remembered.checkpoint.origin,
    alarm: kind,
    from: remembered.checkpoint.size,
    size: shown.checkpoint.size,
    evidence: [await keep('remembered', remembered), await keep('shown', shown)],
  };
}

/** Names come from outside: none becomes a path. */
function nameOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}

async function readKept(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failed(cause);
  }
}

/** There whole or as it was. */
async function remember(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (cause) {
    await unlink(temporary).catch(() => {});
    throw failed(cause);
  }
}

function failed(cause: unknown): ReproofError {
  return new ReproofError('STORE_FAILED', `remembering a log: ${(cause as Error).message}`, { cause });
}
