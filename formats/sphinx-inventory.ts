import { inflateSync } from 'node:zlib';
import { ReproofError } from '../model/index.ts';

/** An inventory of Sphinx. `facts` are its named header lines, `lines` the header as it is and the objects unpacked. */
export type Inventory = {
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly lines: readonly string[];
};

/**
 * Reads four header lines and what zlib packs behind them (sphinx.util.inventory, version 2; version 1 is not packed).
 * Throws FORMAT_MALFORMED, also for more than `limitBytes` unpacked.
 */
export function readSphinxInventory(bytes: Buffer, limitBytes: number): Inventory {
  let end = 0;
  for (let line = 0; line < 4 && end >= 0; line++) end = bytes.indexOf(10, end) + 1 || -1;
  const header = bytes.toString('utf8', 0, Math.max(0, end)).split('\n').slice(0, -1);
  if (end < 0) throw malformed('header', bytes.length);
  const packed = header[3]?.includes('zlib') === true;
  const body = packed ? unpack(bytes.subarray(end), limitBytes) : bytes.subarray(end);
  const facts = header.slice(1, 3).flatMap((line) => {
    const found = /^# (\w{1,20}): (.*)$/.exec(line);
    return found === null ? [] : [{ name: (found[1] ?? '').toLowerCase(), value: found[2] ?? '' }];
  });
  return { facts, lines: [...header, ...body.toString('utf8').split('\n')] };
}

function unpack(packed: Buffer, limitBytes: number): Buffer {
  try {
    return inflateSync(packed, { maxOutputLength: limitBytes });
  } catch (cause) {
    throw malformed('compressed objects', 0, cause);
  }
}

function malformed(what: string, offset: number, cause?: unknown): ReproofError {
  return new ReproofError('FORMAT_MALFORMED', `reading ${what} of Sphinx inventory`, { cause, context: { offset } });
}
