import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Checkpoint, openCheckpoint } from '../../attest/tlog/checkpoint.ts';
import { verifyConsistency } from '../../attest/tlog/merkle.ts';
import { rawEd25519, verifierKey } from '../../attest/tlog/note-key.ts';
import { folderSource } from '../../attest/tlog/reader/tile-source.ts';
import { openTree } from '../../attest/tlog/reader/verified-tree.ts';
import { verifyLog } from '../../attest/tlog/reader/verify-log.ts';
import { SAMPLE_ORIGIN, sampleEntry } from './sample-log.ts';
import { sampleLogSigner } from './statement-keys.ts';

const WRITER = join(import.meta.dirname, 'log-writer.ts');
/** Of a life: one in four is ended while the log is opened, or before. */
const OPENING_MILLIS = 300;
const WRITING_MILLIS = 150;

export type CrashLogOptions = {
  readonly folder: string;
  readonly entries: number;
  readonly kills: number;
  /** How many entries wait at a time; each life takes another number up to this. */
  readonly together: number;
  /** From 0 up to and without 1. */
  readonly random: () => number;
};

export type CrashLogReport = {
  readonly seconds: number;
  readonly lives: number;
  readonly kills: number;
  /** Kills before the log was open. */
  readonly killedEarly: number;
  readonly acknowledged: number;
  readonly size: number;
  readonly checkpoints: number;
  /** What is not as it has to be, a line each. */
  readonly faults: readonly string[];
};

type Logged = { readonly number: number; readonly index: number; readonly checkpoint: string };

/**
 * Appends entries by writers that are killed (SIGKILL) at random moments, and looks at what is left: whether the log is
 * sound, every entry that was acknowledged is where it was said to be and nowhere else, and every checkpoint that was
 * shown belongs to one history.
 */
export async function crashLog(options: CrashLogOptions): Promise<CrashLogReport> {
  const begun = performance.now();
  const logged = new Map<number, Logged>();
  const faults: string[] = [];
  const count = { lives: 0, kills: 0, early: 0 };
  for (let first = 0; first < options.entries; ) {
    const isKilled = count.kills < options.kills;
    const life = await live(options, { first, isKilled });
    count.lives++;
    if (life.wasKilled) count.kills++;
    if (life.wasKilled && !life.wasOpen) count.early++;
    if (!life.wasKilled && !life.endedWell) faults.push(`a writer that nobody killed failed: ${life.trouble}`);
    for (const each of life.logged) {
      const { index = each.index } = logged.get(each.number) ?? {};
      if (index !== each.index)
        faults.push(`entry ${each.number} is at ${index}, and at ${each.index} when asked again`);
      logged.set(each.number, each);
    }
    for (const line of life.refused) faults.push(`refused: ${line}`);
    while (logged.has(first)) first++;
    if (faults.length > 10) break;
  }
  const end = await examine(options.folder, [...logged.values()]);
  return {
    seconds: Math.round((performance.now() - begun) / 1000),
    lives: count.lives,
    kills: count.kills,
    killedEarly: count.early,
    acknowledged: logged.size,
    size: end.size,
    checkpoints: end.checkpoints,
    faults: [...faults, ...end.faults],
  };
}

type Life = {
  readonly wasKilled: boolean;
  readonly wasOpen: boolean;
  readonly endedWell: boolean;
  readonly trouble: string;
  readonly logged: readonly Logged[];
  readonly refused: readonly string[];
};

async function live(
  { folder, entries, together, random }: CrashLogOptions,
  { first, isKilled }: { readonly first: number; readonly isKilled: boolean },
): Promise<Life> {
  const several = 1 + Math.floor(random() * together);
  const child = spawn(process.execPath, [WRITER, folder, String(first), String(entries), String(several)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const logged: Logged[] = [];
  const refused: string[] = [];
  let trouble = '';
  let wasOpen = false;
  const closed = once(child, 'close');
  const end = (after: number): void => void setTimeout(() => child.kill('SIGKILL'), after).unref();
  const isEarly = random() < 0.25;
  if (isKilled && isEarly) end(random() * OPENING_MILLIS);
  child.stderr.on('data', (chunk: Buffer) => {
    trouble += chunk.toString();
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const said = readLine(line);
    if (said?.kind === 'open') {
      wasOpen = true;
      if (isKilled && !isEarly) end(random() * WRITING_MILLIS);
    } else if (said?.kind === 'logged') logged.push(said as Logged & { kind: string });
    else if (said?.kind === 'refused') refused.push(line);
  }
  const [status, signal] = (await closed) as [number | null, string | null];
  return { wasKilled: signal === 'SIGKILL', wasOpen, endedWell: status === 0, trouble, logged, refused };
}

/** The last line may be cut. */
function readLine(line: string): { readonly kind: string } | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function examine(
  folder: string,
  logged: readonly Logged[],
): Promise<{ readonly size: number; readonly checkpoints: number; readonly faults: readonly string[] }> {
  const key = verifierKey(SAMPLE_ORIGIN, 1, rawEd25519(sampleLogSigner().publicKey));
  const source = folderSource(folder);
  const report = await verifyLog(source, { key });
  const faults = report.faults.map(({ file, why }) => `${file}: ${why}`);
  const { checkpoint: newest } = openCheckpoint((await source.read('checkpoint', 10_000)) ?? new Uint8Array(), key);
  const tree = await openTree(source, newest);
  const places = new Set(logged.map(({ index }) => index));
  if (places.size !== logged.length) faults.push(`${logged.length} entries are in ${places.size} places`);
  if (newest.size !== places.size)
    faults.push(`${newest.size} entries are in the log, ${places.size} were acknowledged`);
  for (const { number, index } of logged.toSorted((a, b) => a.index - b.index)) {
    const there = index < newest.size ? (await tree.entries(Math.floor(index / 256)))[index % 256] : undefined;
    if (there === undefined || Buffer.compare(there, sampleEntry(number)) !== 0)
      faults.push(`entry ${number} is not at ${index}`);
  }
  const checkpoints = [...new Set(logged.map(({ checkpoint }) => checkpoint))]
    .map((text): Checkpoint => openCheckpoint(Buffer.from(text), key).checkpoint)
    .toSorted((a, b) => a.size - b.size);
  // Each is proved to be the beginning of the next: that chains any two.
  for (const [place, from] of checkpoints.entries())
    for (const to of [checkpoints[place + 1], newest])
      if (to !== undefined) await prove(from, to).catch((error: Error) => faults.push(error.message));
  return { size: newest.size, checkpoints: checkpoints.length, faults };

  async function prove(from: Checkpoint, to: Checkpoint): Promise<void> {
    const then = to.size === newest.size ? tree : await openTreeAt(to);
    verifyConsistency({
      from: { size: from.size, root: from.rootHash },
      to: { size: to.size, root: to.rootHash },
      proof: await then.consistencyProof(from.size),
    });
  }

  /** As whoever kept that checkpoint would open it now, without the partial tiles of then. */
  async function openTreeAt(checkpoint: Checkpoint): Promise<typeof tree> {
    return await openTree(source, checkpoint);
  }
}
