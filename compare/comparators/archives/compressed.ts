import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isReproofError, ReproofError } from '../../../model/index.ts';
import { streamProgram } from '../../../programs/index.ts';
import { dropBytes } from '../../byte-source.ts';
import { escapeName } from '../../escape.ts';
import { headOf } from '../../identity.ts';
import type { ByteSource, Context, Head, WrapperComparator } from '../../types.ts';

/** gzip, RFC 1952, through zlib: concatenated members are read as one stream, as gzip(1) does. */
export const gzip: WrapperComparator = {
  kind: 'wrapper',
  id: 'gzip',
  recognizes: (head) => startsWith(head, [0x1f, 0x8b, 8]),
  unwrap: (source) => unwrapped(source, () => gunzip(source)),
  header: async (source) => gzipHeader(await headOf(source)),
};

export const xz = program('xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], ['xz', '-dc']);
export const bzip2 = program('bzip2', [0x42, 0x5a, 0x68], ['bzip2', '-dc']);
/** By zstd(1): Node's own decoder drops concatenated frames in silence (nodejs/node#64741). */
export const zstd = program('zstd', [0x28, 0xb5, 0x2f, 0xfd], ['zstd', '-dcq', '--long=31']);

function program(id: string, magic: readonly number[], argv: readonly [string, ...string[]]): WrapperComparator {
  return {
    kind: 'wrapper',
    id,
    recognizes: (head) => startsWith(head, magic),
    unwrap: (source, context) => unwrapped(source, () => run(argv, source, context)),
    header: async () => ({}),
  };
}

/** A stream that can only be unpacked from its start. */
function unwrapped(source: ByteSource, open: () => AsyncIterable<Uint8Array>): ByteSource {
  return {
    name: source.name,
    size: undefined,
    open: (start = 0) => (start === 0 ? open() : dropBytes(open(), start)),
  };
}

function run(argv: readonly [string, ...string[]], source: ByteSource, { budget }: Context): AsyncIterable<Uint8Array> {
  return streamProgram(argv, {
    limits: { wallSeconds: budget.limits.programSeconds, outputBytes: budget.limits.bytes },
    input: source.open(),
    ...(budget.signal === undefined ? {} : { signal: budget.signal }),
  });
}

async function* gunzip(source: ByteSource): AsyncGenerator<Uint8Array> {
  const input = Readable.from(source.open(), { objectMode: false });
  const unpacked = createGunzip();
  input.on('error', (error) => unpacked.destroy(error));
  try {
    for await (const chunk of input.pipe(unpacked)) yield chunk as Buffer;
  } catch (error) {
    if (isReproofError(error) || !(error instanceof Error)) throw error;
    throw new ReproofError('ARCHIVE_MALFORMED', `reading gzip file ${source.name}: ${error.message}`, { cause: error });
  } finally {
    input.destroy();
    unpacked.destroy();
  }
}

/** The fixed fields and the file name of RFC 1952 2.3, as far as the head reaches. */
function gzipHeader(head: Head): Record<string, string> {
  const bytes = Buffer.from(head);
  if (bytes.length < 10) return {};
  const flags = bytes.readUInt8(3);
  const extraBytes = (flags & 4) === 0 || bytes.length < 12 ? 0 : 2 + bytes.readUInt16LE(10);
  const name = bytes.subarray(10 + extraBytes);
  const end = name.indexOf(0);
  return {
    flags: String(flags),
    mtime: String(bytes.readUInt32LE(4)),
    level: String(bytes.readUInt8(8)),
    system: String(bytes.readUInt8(9)),
    ...((flags & 8) !== 0 && end >= 0 ? { 'file name': escapeName(name.toString('latin1', 0, end)) } : {}),
  };
}

function startsWith(head: Head, magic: readonly number[]): boolean {
  return magic.every((byte, index) => head[index] === byte);
}
