import {
  type BigIntStats,
  closeSync,
  constants,
  createWriteStream,
  fstatSync,
  readdirSync,
  readFileSync,
} from 'node:fs';
import type { OnProgress } from '../../../compare/index.ts';
import { ReproofError } from '../../../model/index.ts';

/** Steps that the whole is told as. */
const TOTAL = 1_000;

/** Progress for programs. `close` writes what is left. */
export type StatusPipe = { readonly report: OnProgress; close(): Promise<void> };

/**
 * Writes progress to a descriptor as diffoscope's --status-fd does: a line of JSON with `msg`, `total` and `current` for
 * each step. A reader that goes away ends nothing. Throws USAGE where the descriptor is not open.
 */
export function openStatusPipe(descriptor: number): StatusPipe {
  const stats = statsOf(descriptor);
  if (stats === undefined || isOfRuntime(stats))
    throw new ReproofError('USAGE', `--status-fd: descriptor ${descriptor} is not open`);
  const stream = createWriteStream('', { fd: descriptor, autoClose: false });
  let gone = false;
  stream.on('error', () => {
    gone = true;
  });
  let before = '';
  const write = (current: number, msg: string): void => {
    const line = `{"msg": ${JSON.stringify(msg)}, "total": ${TOTAL}, "current": ${current}}\n`;
    if (gone || line === before) return;
    before = line;
    stream.write(line);
  };
  return {
    report: ({ done, at }) => write(Math.floor(done * TOTAL), at.at(-1) ?? ''),
    close: async () => {
      write(TOTAL, '');
      if (!gone) await new Promise<void>((resolve) => stream.write('', () => resolve()));
      if (descriptor > 2) closeSync(descriptor);
    },
  };
}

/** Undefined for what is not open. */
function statsOf(descriptor: number): BigIntStats | undefined {
  try {
    return fstatSync(descriptor, { bigint: true });
  } catch {
    return undefined;
  }
}

/**
 * True for what the runtime opened for itself, and aborts without: counters and queues of events, which are no kind of file,
 * and pipes of which it has both ends.
 */
function isOfRuntime(given: BigIntStats): boolean {
  if ((given.mode & BigInt(constants.S_IFMT)) === 0n) return true;
  if (!given.isFIFO()) return false;
  return readDescriptors().some((other) => {
    const stats = statsOf(other);
    return stats?.ino === given.ino && stats.dev === given.dev;
  });
}

/** The open descriptors that can only be read from; none where the system does not tell (proc(5)). */
function readDescriptors(): readonly number[] {
  try {
    return readdirSync('/proc/self/fd').map(Number).filter(isOnlyRead);
  } catch {
    return [];
  }
}

function isOnlyRead(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*0*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & 3) === constants.O_RDONLY;
  } catch {
    return false;
  }
}
