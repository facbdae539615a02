import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PackedStreamFormat, packedStream } from '../../formats/index.ts';
import { chunksOf } from '../helpers/chunks.ts';

const TEXT = Buffer.from('some text that packs well '.repeat(20_000));
const pack = (program: string, ...argv: string[]): Buffer =>
  execFileSync(program, argv, { input: TEXT, stdio: ['pipe', 'pipe', 'ignore'] });
/** Bytes that do not pack, the same each time. */
const NOISE = createHash('shake256', { outputLength: 150_000 }).update('noise').digest();
const noise = (program: string, ...argv: string[]): Buffer => execFileSync(program, argv, { input: NOISE });
const EMPTY = execFileSync('bzip2', ['-c'], { input: '' });
const SKIPPABLE = Buffer.from('512a4d1803000000616263', 'hex');
const KINDS: readonly (readonly [string, PackedStreamFormat, Buffer])[] = [
  ['zstd', 'zstd', pack('zstd', '-qc')],
  ['zstd without a checksum', 'zstd', pack('zstd', '-qc', '--no-check')],
  ['zstd that says its size', 'zstd', pack('zstd', '-qc', `--stream-size=${TEXT.length}`)],
  ['zstd frames, one of them skippable', 'zstd', Buffer.concat([pack('zstd', '-qc'), SKIPPABLE, pack('zstd', '-1qc')])],
  ['lz4 of the old format', 'lz4-legacy', pack('lz4', '-l', '-c')],
  ['two streams of it', 'lz4-legacy', Buffer.concat([pack('lz4', '-l', '-c'), pack('lz4', '-l', '-c', '-9')])],
  ['xz', 'xz', pack('xz', '-c')],
  ['xz of blocks that say their sizes', 'xz', pack('xz', '-c', '-T2', '--block-size=65536')],
  ['xz of blocks that do not', 'xz', pack('xz', '-c', '-T1', '--block-size=65536', '--check=sha256')],
  [
    'xz of what does not pack, with two filters and no check',
    'xz',
    noise('xz', '-c', '--check=none', '--x86', '--lzma2'),
  ],
  ['xz streams with padding between', 'xz', Buffer.concat([pack('xz', '-c'), Buffer.alloc(8), pack('xz', '-c')])],
  ['an empty xz stream', 'xz', execFileSync('xz', ['-c'], { input: '' })],
  ['bzip2', 'bzip2', pack('bzip2', '-c')],
  ['bzip2 of several blocks', 'bzip2', noise('bzip2', '-1c')],
  ['bzip2 streams, one of them empty', 'bzip2', Buffer.concat([pack('bzip2', '-c'), EMPTY, pack('bzip2', '-1c')])],
];

/** What is given of a file, and where it says that what follows begins. */
async function read(bytes: Uint8Array, format: PackedStreamFormat, chunk = bytes.length): Promise<[Buffer, number]> {
  const stream = packedStream(chunksOf(bytes, Math.max(1, chunk)), format);
  const pieces: Uint8Array[] = [];
  for (;;) {
    const next = await stream.next();
    if (next.done) return [Buffer.concat(pieces), next.value];
    pieces.push(next.value);
  }
}

describe.each(KINDS)('finding where a packed stream ends: %s', (_kind, format, bytes) => {
  it('gives all of it, and nothing of what follows, in any chunks', async () => {
    expect(await read(bytes, format)).toEqual([bytes, bytes.length]);
    for (const after of [Buffer.from('07070100'), Buffer.alloc(512), Buffer.from([0x1f, 0x8b, 8])]) {
      const whole = Buffer.concat([bytes, after]);
      for (const chunk of [1, 7, whole.length]) expect(await read(whole, format, chunk)).toEqual([bytes, bytes.length]);
    }
  });

  it('gives the beginning of what is cut short or broken, and always ends', async () => {
    for (let length = 0; length < bytes.length; length += 1 + (length >> 4)) {
      const [given, end] = await read(bytes.subarray(0, length), format);
      expect(bytes.subarray(0, end).equals(given)).toBe(true);
      expect(end).toBeLessThanOrEqual(length);
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (offset, value) => {
        const broken = Buffer.from(bytes);
        broken[offset] = value;
        const [given, end] = await read(broken, format);
        expect(broken.subarray(0, end).equals(given)).toBe(true);
      }),
    );
  });
});

describe('finding where a stream of bzip2 ends', () => {
  it('does so at each of the bits that its end may begin at', async () => {
    const shifts = new Set<number>();
    for (let count = 1; count < 60; count++) {
      const bytes = execFileSync('bzip2', ['-c'], { input: TEXT.subarray(0, count) });
      const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
      shifts.add(bits.lastIndexOf('000101110111001001000101001110000101000010010000') % 8);
      const whole = Buffer.concat([bytes, Buffer.from('and more')]);
      for (const chunk of [1, 7, whole.length])
        expect(await read(whole, 'bzip2', chunk)).toEqual([bytes, bytes.length]);
    }
    expect([...shifts].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('hostile xz streams', () => {
  const [start] = [pack('xz', '-c').subarray(0, 12)];
  const block = Buffer.from('020021010800000000000000', 'hex');

  it.each<[string, Buffer]>([
    [
      'a million pieces of one byte',
      Buffer.concat(Array.from({ length: 1_000_000 }, () => Buffer.from('01000041', 'hex'))),
    ],
    ['an index of more records than blocks', Buffer.from('00ffffffffffffffff7f', 'hex')],
    ['a piece that claims more than there is', Buffer.from('80ffffffff', 'hex')],
  ])('are given to their end: %s', async (_what, pieces) => {
    const whole = Buffer.concat([start, block, pieces]);
    const [given, end] = await read(whole, 'xz');
    expect([given.equals(whole), end]).toEqual([true, whole.length]);
  });
});
