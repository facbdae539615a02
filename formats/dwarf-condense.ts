import { ReproofError } from '../model/index.ts';
import type { ByteReader } from './byte-reader.ts';

/** What a condensed section may come to. */
export type CondenseLimits = {
  /** Bytes that are kept of a unit: its header and first entry must fit. */
  readonly unitBytes: number;
  /** Bytes that are kept of all units. */
  readonly keptBytes: number;
};

/**
 * A .debug_info section too long to be held, with every unit cut after its first bytes and its length made to say so:
 * what first entries say can be read of it as of any. Undefined past keptBytes. Throws FORMAT_MALFORMED (context
 * `offset`, in the section).
 */
export async function condenseUnits(
  reader: ByteReader,
  little: boolean,
  { unitBytes, keptBytes }: CondenseLimits,
): Promise<Buffer | undefined> {
  const kept: Buffer[] = [];
  for (let size = 0; ; ) {
    const offset = reader.position;
    const start = await reader.read(4);
    if (start.length === 0) return Buffer.concat(kept);
    const wide = start.length === 4 && start.readUInt32LE() === 0xffffffff;
    const header = wide ? Buffer.concat([start, await reader.read(8)]) : start;
    if (header.length < (wide ? 12 : 4)) throw malformed(offset);
    const length = lengthOf(header, wide, little);
    const body = await reader.read(Math.min(length, unitBytes));
    const passed = await reader.skip(length - body.length);
    if (body.length + passed < length) throw malformed(offset);
    size += header.length + body.length;
    if (size > keptBytes) return undefined;
    kept.push(withLength(header, body.length, little), body);
  }
}

function lengthOf(header: Buffer, wide: boolean, little: boolean): number {
  const word = (at: number): number => (little ? header.readUInt32LE(at) : header.readUInt32BE(at));
  if (!wide) return word(0);
  return little ? word(8) * 2 ** 32 + word(4) : word(4) * 2 ** 32 + word(8);
}

/** The bytes a unit's length is written in, for another length. */
function withLength(header: Buffer, length: number, little: boolean): Buffer {
  const changed = Buffer.from(header);
  if (header.length === 12) changed.fill(0, 4);
  if (little) changed.writeUInt32LE(length, header.length === 12 ? 4 : 0);
  else changed.writeUInt32BE(length, header.length - 4);
  return changed;
}

function malformed(offset: number): ReproofError {
  return new ReproofError('FORMAT_MALFORMED', `reading a unit of .debug_info at byte ${offset}: it is cut`, {
    context: { offset },
  });
}
