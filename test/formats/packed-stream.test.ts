import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PackedStreamFormat, packedStream } from '../../formats/index.ts';
import { chunksOf } from '../helpers/chunks.ts';

const TEXT = Buffer.from('some text that packs well '.repeat(20_000));
const pack = (program: string, ...argv: string[]): Buffer =>
  execFileSync(program, argv, { input: TEXT, stdio: ['pipe', 'pipe', 'ignore'] });
const SKIPPABLE = Buffer.from('512a4d1803000000616263', 'hex');
const KINDS: readonly (readonly [string, PackedStreamFormat, Buffer])[] = [
  ['zstd', 'zstd', pack('zstd', '-qc')],
  ['zstd without a checksum', 'zstd', pack('zstd', '-qc', '--no-check')],
  ['zstd that says its size', 'zstd', pack('zstd', '-qc', `--stream-size=${TEXT.length}`)],
  ['zstd frames, one of them skippable', 'zstd', Buffer.concat([pack('zstd', '-qc'), SKIPPABLE, pack('zstd', '-1qc')])],
  ['lz4 of the old format', 'lz4-legacy', pack('lz4', '-l', '-c')],
  ['two streams of it', 'lz4-legacy', Buffer.concat([pack('lz4', '-l', '-c'), pack('lz4', '-l', '-c', '-9')])],
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
