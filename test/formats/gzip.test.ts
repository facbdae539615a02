import { execFileSync } from 'node:child_process';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GzipHeader, type GzipLimits, readGzip } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';
import { chunksOf } from '../helpers/chunks.ts';

const roomy: GzipLimits = { members: 100, textBytes: 100 };
type Seen = { headers: GzipHeader[]; ends: string[]; content: string; trailing: string };

async function read(bytes: Uint8Array, limits = roomy, chunk = bytes.length): Promise<Seen> {
  const seen: Seen = { headers: [], ends: [], content: '', trailing: '' };
  for await (const piece of readGzip(chunksOf(bytes, Math.max(1, chunk)), limits)) {
    if (piece.kind === 'header') seen.headers.push(piece.header);
    else if (piece.kind === 'content') seen.content += Buffer.from(piece.bytes).toString('latin1');
    else if (piece.kind === 'trailing') seen.trailing += Buffer.from(piece.bytes).toString('latin1');
    else seen.ends.push(`${piece.size} ${piece.packedSize}`);
  }
  return seen;
}

/** A member with every field of RFC 1952. */
function full(content: string): Buffer {
  const header = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 2 + 4 + 8 + 16, 0x00, 0xf1, 0x53, 0x65, 2, 3]),
    Buffer.from([6, 0]),
    Buffer.from('AB\x02\x00xy', 'latin1'),
    Buffer.from('name\0comment\0'),
  ]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32LE(crc32(content), 0);
  ends.writeUInt32LE(content.length, 4);
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(crc32(header) & 0xffff);
  return Buffer.concat([header, sum, deflateRawSync(content), ends]);
}

const several = Buffer.concat([full('first '), gzipSync(''), gzipSync('third'.repeat(50)), Buffer.from('\0\0tail')]);

describe('reading a gzip file', () => {
  it.each([1, 7, 1_000_000])('gives members, content and what follows, in chunks of %i bytes', async (chunk) => {
    const seen = await read(several, roomy, chunk);
    expect(seen.content).toBe(`first ${'third'.repeat(50)}`);
    expect(seen.trailing).toBe('\0\0tail');
    expect(seen.ends.map((end) => end.split(' ')[0])).toEqual(['6', '0', '250']);
    expect(seen.headers[0]).toEqual({
      flags: 30,
      mtime: 1_700_000_000,
      extraFlags: 2,
      system: 3,
      extra: Buffer.from('AB\x02\x00xy', 'latin1'),
      name: 'name',
      comment: 'comment',
      headerSize: 33,
    });
  });

  it.each([1, 100, 65_535])('joins members wherever a chunk of %i bytes ends', async (chunk) => {
    const members = Array.from({ length: 40 }, (_, index) => gzipSync(`${index} `.repeat(index * 37)));
    const whole = Buffer.concat(members);
    const judged = execFileSync('gzip', ['-dc'], { input: whole }).toString('latin1');
    expect((await read(whole, roomy, chunk)).content).toBe(judged);
    expect((await read(whole, roomy, members[0]?.length ?? 1)).content).toBe(judged);
  });

  it('does not drop a member that follows bytes of zero', async () => {
    const seen = await read(Buffer.concat([gzipSync('a'), Buffer.alloc(5), gzipSync('b')]));
    expect(seen.content).toBe('a');
    expect(seen.trailing.length).toBe(5 + gzipSync('b').length);
  });

  it('refuses a file cut anywhere', async () => {
    const bytes = full('some content');
    for (let length = 0; length < bytes.length; length++)
      await expect(read(bytes.subarray(0, length)), `cut at ${length}`).rejects.toMatchObject({
        code: 'ARCHIVE_MALFORMED',
        context: { offset: expect.any(Number) },
      });
  });

  it('refuses a second member that is cut, and does not call it trailing bytes', async () => {
    const [first, second] = [gzipSync('a'), gzipSync('b')];
    for (let length = 2; length < second.length; length++)
      await expect(read(Buffer.concat([first, second.subarray(0, length)]))).rejects.toMatchObject({
        code: 'ARCHIVE_MALFORMED',
      });
  });

  it.each<[string, number, number]>([
    ['a method', 2, 9],
    ['reserved flags', 3, 0x3e],
    ['a header that its CRC belies', 6, 1],
    ['a CRC-32 of other content', -8, 1],
    ['a size of other content', -4, 1],
  ])('refuses %s', async (_what, at, value) => {
    const bytes = full('some content');
    bytes[at < 0 ? bytes.length + at : at] = value;
    await expect(read(bytes)).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED' });
  });

  it.each<[keyof GzipLimits, number]>([
    ['members', 3],
    ['textBytes', 7],
  ])('ends when %s passes its limit by one, and not before', async (limit, value) => {
    expect((await read(several, { ...roomy, [limit]: value })).ends.length).toBe(3);
    await expect(read(several, { ...roomy, [limit]: value - 1 })).rejects.toMatchObject({ code: 'ARCHIVE_LIMIT' });
  });

  it('throws nothing but its own errors, whatever bytes are changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(several.length - 1), fc.nat(255), async (at, value) => {
        const bytes = Buffer.from(several);
        bytes[at] = value;
        await read(bytes, roomy, 11).catch((error: unknown) => {
          if (!isReproofError(error, 'ARCHIVE_MALFORMED', 'ARCHIVE_LIMIT')) throw error;
        });
      }),
      { numRuns: 200 },
    );
  });
});
