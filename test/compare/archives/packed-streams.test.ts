import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../compare/index.ts';
import { lz4Header, lzipHeader, lzmaHeader, readZstdFrames, type ZstdFrame } from '../../../formats/index.ts';
import type { Difference } from '../../../model/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { chunksOf } from '../../helpers/chunks.ts';
import { mirror } from '../../helpers/mirror.ts';

const compare = (left: Uint8Array, right: Uint8Array, name = 'x'): Promise<Difference> =>
  explain(bufferSource(name, left), bufferSource(name, right));
const words = Array.from({ length: 5000 }, (_, index) => `${(index * 7919) % 1000}`).join(' ');
const by = (program: string, ...options: string[]): Buffer =>
  execFileSync(program, options, { input: words, stdio: ['pipe', 'pipe', 'ignore'] });

async function frames(bytes: Uint8Array, chunk = bytes.length, limit = 100): Promise<ZstdFrame[]> {
  const found: ZstdFrame[] = [];
  for await (const frame of readZstdFrames(chunksOf(bytes, Math.max(1, chunk)), { frames: limit })) found.push(frame);
  return found;
}

const skippable = Buffer.from('502a4d1803000000616263', 'hex');

describe('reading the frames of a zstd file', () => {
  const sized = by('zstd', '-qc', `--stream-size=${words.length}`);
  const whole = Buffer.concat([by('zstd', '-qc', '--no-check'), skippable, sized]);

  it.each([1, 7, 1_000_000])('gives their headers in chunks of %i bytes', async (chunk) => {
    const found = await frames(whole, chunk);
    expect(found).toMatchObject([
      { kind: 'frame', checksum: false, contentSize: undefined, window: 2097152 },
      { kind: 'skippable', variant: 0, size: 3 },
      { kind: 'frame', checksum: true, contentSize: BigInt(words.length), window: undefined },
    ]);
  });

  it('refuses a frame cut anywhere', async () => {
    for (const length of [...Array(40).keys(), sized.length - 5, sized.length - 1])
      await expect(frames(sized.subarray(0, length))).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED' });
  });

  it('ends past its limit', async () => {
    expect((await frames(whole, whole.length, 3)).length).toBe(3);
    await expect(frames(whole, whole.length, 2)).rejects.toMatchObject({ code: 'ARCHIVE_LIMIT' });
  });

  it('throws nothing but its own errors, whatever bytes are changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, value) => {
        const bytes = Buffer.from(whole);
        bytes[at] = value;
        await frames(bytes).catch((error: unknown) => {
          if (!isReproofError(error, 'ARCHIVE_MALFORMED', 'ARCHIVE_LIMIT')) throw error;
        });
      }),
    );
  });
});

describe('the headers of packed files', () => {
  it('are read from what the programs write', () => {
    expect(lz4Header(by('lz4', '-cq', '-B4'))).toMatchObject({ kind: 'frame', blockSize: 4, contentChecksum: true });
    expect(lz4Header(by('lz4', '-cql'))).toEqual({ kind: 'legacy' });
    expect(lzmaHeader(by('xz', '--format=lzma', '-c'))).toEqual({
      lc: 3,
      lp: 0,
      pb: 2,
      dictionary: 2 ** 23,
      contentSize: undefined,
    });
    expect(lzipHeader(Buffer.from('LZIP\x01\x97', 'latin1'))).toEqual({ version: 1, dictionary: 2 ** 23 * 0.75 });
  });

  it('of any bytes are given or not, and never throw', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('04224d18', '02214c18', '5d', '4c5a4950'),
        fc.uint8Array({ maxLength: 30 }),
        (magic, rest) => {
          const bytes = Buffer.concat([Buffer.from(magic, 'hex'), rest]);
          for (const read of [lz4Header, lzmaHeader, lzipHeader]) expect(read(bytes)).not.toBeNull();
        },
      ),
    );
  });
});

describe('explaining how two packed files differ', () => {
  it.each<[string, string[], string[], string, string]>([
    ['zstd', ['-19', '-qc'], ['-3', '-qc'], 'zstd -19', 'zstd -3'],
    ['zstd', ['-3', '-qc', '--no-check'], ['-3', '-qc'], 'zstd -3 --no-check', 'zstd -3'],
    ['bzip2', ['-1', '-c'], ['-9', '-c'], 'bzip2 -1', 'bzip2 -9'],
    ['lz4', ['-1', '-B4', '-cq'], ['-9', '-B4', '-cq'], 'lz4 -1 -B4', 'lz4 -9 -B4'],
  ])('names what %s was told', async (program, old, now, left, right) => {
    const [one, other] = [by(program, ...old), by(program, ...now)];
    const found = await compare(one, other);
    expect(found.kind).toBe(program);
    expect(found.detail).toContain('the unpacked content is equal');
    expect(found.fields).toContainEqual({ name: 'made by', left, right });
    expect(await compare(other, one)).toEqual(mirror(found));
  });

  it('says what a header has, frame by frame', async () => {
    const found = await compare(by('zstd', '-qc'), Buffer.concat([skippable, by('zstd', '-qc')]));
    expect(found.fields).toEqual(
      expect.arrayContaining([
        { name: 'frames', right: '2' },
        { name: 'skippable', right: 'variant 0, 3 bytes' },
      ]),
    );
    const other = Buffer.from(skippable);
    other[10] = 0x64;
    const within = await compare(
      Buffer.concat([skippable, by('zstd', '-qc')]),
      Buffer.concat([other, by('zstd', '-qc')]),
    );
    expect(within.fields?.map(({ name }) => name)).toEqual(['skippable sha256']);
    const streams = await compare(by('bzip2', '-c'), Buffer.concat([by('bzip2', '-c'), execFileSync('bzip2', ['-c'])]));
    expect(streams.fields).toEqual([{ name: 'streams', left: '1', right: '2' }]);
  });

  it('says of an lzip file that does not end with a trailer only that', async () => {
    const whole = by('lzip', '-c');
    const twice = await compare(whole, Buffer.concat([whole, whole]));
    expect(twice.fields).toEqual([{ name: 'bytes outside the last member', right: String(whole.length) }]);
    for (const broken of [whole.subarray(0, -3), Buffer.concat([whole, Buffer.alloc(40)])])
      expect((await compare(whole, broken)).fields).toEqual([{ name: 'trailer at the end', right: 'none' }]);
  });

  it.each([
    ['xz', '-c'],
    ['xz', '-c', '--block-size=4096'],
    ['bzip2', '-c'],
    ['zstd', '-qc'],
    ['gzip', '-nc'],
  ])('tells what follows a stream of %s %s, and compares what is in it', async (program, ...options) => {
    const pack = (input: string): Buffer => execFileSync(program, options, { input });
    const [one, other] = [pack(`${words} one\n`), pack(`${words} two\n`)];
    const sides = [
      Buffer.concat([one, Buffer.from('junk\n')]),
      Buffer.concat([other, Buffer.from('more junk\n')]),
    ] as const;
    const found = await compare(...sides);
    expect(JSON.stringify(found)).not.toContain('PROGRAM_FAILED');
    expect(found.fields?.map(({ name }) => name)).toContain('trailing bytes');
    expect(found.children).toMatchObject([
      { kind: 'text', diff: expect.stringContaining('+') },
      { path: '(what follows the stream)', kind: 'text', diff: expect.stringContaining('-junk\n+more junk') },
    ]);
    expect(await compare(sides[1], sides[0])).toEqual(mirror(found));
    const alone = await compare(one, sides[0]);
    expect(alone.detail).toBeUndefined();
    expect(alone.children).toMatchObject([{ path: '(what follows the stream)', detail: 'only on one side' }]);
    expect(await compare(sides[0], one)).toEqual(mirror(alone));
  });

  it('tells the padding of an xz file', async () => {
    const one = by('xz', '-c');
    const found = await compare(one, Buffer.concat([one, Buffer.alloc(8)]));
    expect(found.fields).toEqual([{ name: 'trailing bytes', right: '8 bytes of zero' }]);
    expect(found.children).toEqual([]);
  });

  it.each([
    ['lz4', '-cq'],
    ['xz', '--format=lzma', '-c'],
    ['bzip2', '-c'],
    ['zstd', '-qc'],
  ])('never takes a cut or lengthened file of %s for an equal one', async (program, ...options) => {
    const whole = by(program, ...options);
    const cut = await compare(whole, whole.subarray(0, whole.length - 6));
    expect(JSON.stringify(cut)).toMatch(/PROGRAM_FAILED/);
    expect(JSON.stringify(cut)).not.toContain('is equal');
    expect((await compare(whole, Buffer.concat([whole, Buffer.from('junk')]))).kind).not.toBe('identical');
  });
});
