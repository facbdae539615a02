import { closeSync, createWriteStream, fstatSync } from 'node:fs';
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
  try {
    fstatSync(descriptor);
  } catch (cause) {
    throw new ReproofError('USAGE', `--status-fd: descriptor ${descriptor} is not open`, { cause });
  }
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
