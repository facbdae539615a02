import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readXz, type XzStream, xzFrame, xzStored } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'xz-'));
afterAll(() => rmSync(folder, { recursive: true }));

const roomy = { blocks: 100, streams: 10 };
const read = (bytes: Buffer, limits = roomy): Promise<readonly XzStream[]> =>
  readXz(async (offset, size) => bytes.subarray(offset, offset + size), bytes.length, limits);
const pack = (content: Buffer | string, ...options: string[]): Buffer =>
  execFileSync('xz', ['-c', '-T1', ...options], { input: content });

/** Bytes that do not pack well, the same each time. */
const content = Buffer.concat(
  Array.from({ length: 4096 }, (_, index) => createHash('sha256').update(`${index}`).digest()),
);
const many = pack(content, '--block-size=20000');
const samples: readonly (readonly [string, Buffer])[] = [
  ['one block', pack(content)],
  ['many blocks', many],
  ['blocks that name their sizes', pack(content, '-T2', '--block-size=20000')],
  ['no check', pack(content, '--check=none', '--block-size=50000')],
  ['a CRC32', pack('text', '--check=crc32')],
  ['a SHA-256', pack('text', '--check=sha256')],
  ['no content', pack('')],
  ['two streams', Buffer.concat([many, pack('more', '--check=crc32')])],
  ['two streams and padding', Buffer.concat([many, Buffer.alloc(8), pack('more'), Buffer.alloc(4)])],
];

describe('reading the indexes of an xz file', () => {
  it.each(samples)('says what xz --list says of %s', async (_, bytes) => {
    const path = join(folder, 'sample.xz');
    writeFileSync(path, bytes);
    const lines = execFileSync('xz', ['--robot', '--list', '-vv', path], { encoding: 'utf8' }).trim().split('\n');
    const rows = (kind: string): string[][] => lines.map((line) => line.split('\t')).filter((row) => row[0] === kind);
    const streams = await read(bytes);
    expect(streams.map((stream) => [stream.blocks.length, stream.offset])).toEqual(
      rows('stream').map((row) => [Number(row[2]), Number(row[3])]),
    );
    expect(
      streams.flatMap(({ blocks }) => blocks).map((block) => [block.offset, block.storedBytes, block.contentBytes]),
    ).toEqual(rows('block').map((row) => [Number(row[4]), Number(row[6]), Number(row[7])]));
  });

  it('makes a stream of its own of any run of blocks', async () => {
    const [stream] = (await read(many)) as [XzStream];
    for (const [from, to] of [
      [0, 7],
      [2, 4],
      [6, 7],
      [3, 3],
    ] as const) {
      const blocks = stream.blocks.slice(from, to);
      const { header, trailer } = xzFrame(stream.flags, blocks);
      const stored = blocks.map((block) => many.subarray(block.offset, block.offset + block.storedBytes));
      const unpacked = execFileSync('xz', ['-dc'], { input: Buffer.concat([header, ...stored, trailer]) });
      expect(unpacked.equals(content.subarray(from * 20_000, Math.min(to * 20_000, content.length)))).toBe(true);
    }
  });
});

describe('an xz file of bytes as they are', () => {
  it.each([1, 2, 3, 4, 32, 65_535, 65_536])('of %i is one to xz(1)', (size) => {
    const content = Buffer.alloc(size, 'as they are ');
    const file = xzStored(content);
    execFileSync('xz', ['-t'], { input: file });
    expect(execFileSync('xz', ['-dc'], { input: Buffer.concat([file, file]) })).toEqual(
      Buffer.concat([content, content]),
    );
  });
});

describe('reading a hostile or broken xz file', () => {
  const small = pack('text');
  const two = Buffer.concat([many, Buffer.alloc(4), pack('x')]);

  it('refuses a file wherever it is cut', async () => {
    for (let length = 0; length < many.length; length += length < 40 || length > many.length - 100 ? 1 : 997)
      await expect(read(many.subarray(0, length)), `cut at ${length}`).rejects.toMatchObject({
        code: 'ARCHIVE_MALFORMED',
      });
    await expect(read(many.subarray(4))).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED' });
  });

  it('refuses padding that is no multiple of four, before the first stream, or without end', async () => {
    for (const bytes of [
      Buffer.concat([many, Buffer.alloc(3)]),
      Buffer.concat([Buffer.alloc(4), many]),
      Buffer.alloc(64),
    ])
      await expect(read(bytes)).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED' });
    await expect(read(Buffer.concat([many, Buffer.alloc(2 ** 17)]))).rejects.toMatchObject({ code: 'ARCHIVE_LIMIT' });
  });

  it('stops past the limits', async () => {
    expect((await read(two, { blocks: 8, streams: 2 })).length).toBe(2);
    await expect(read(two, { blocks: 7, streams: 2 })).rejects.toMatchObject({ code: 'ARCHIVE_LIMIT' });
    await expect(read(two, { blocks: 8, streams: 1 })).rejects.toMatchObject({ code: 'ARCHIVE_LIMIT' });
  });

  it('sees any byte of header, index or footer that was changed', async () => {
    const [stream] = (await read(small)) as [XzStream];
    const frame = [...small.keys()].filter((at) => at < 12 || at >= stream.indexOffset);
    for (const at of frame) {
      const bytes = Buffer.from(small);
      bytes[at] = (bytes[at] as number) ^ 1;
      const error = await read(bytes).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(isReproofError(error, 'ARCHIVE_MALFORMED', 'ARCHIVE_LIMIT'), `byte ${at}`).toBe(true);
    }
  });

  it('throws nothing but our own errors for any bytes with a footer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), fc.nat(60), async (noise, at) => {
        const bytes = Buffer.from(small);
        bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
        const error = await read(bytes).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error === undefined || isReproofError(error, 'ARCHIVE_MALFORMED', 'ARCHIVE_LIMIT')).toBe(true);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
