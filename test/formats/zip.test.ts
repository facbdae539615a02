import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readZip, type ZipLimits, type ZipPiece, zipExtraText } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';
import { chunksOf } from '../helpers/chunks.ts';
import { extraField, smallZip } from '../helpers/small-zip.ts';

const folder = mkdtempSync(join(tmpdir(), 'zip-'));
afterAll(() => rmSync(folder, { recursive: true }));

const roomy: ZipLimits = { members: 1000, directoryBytes: 1_000_000 };

async function list(bytes: Uint8Array, limits = roomy, chunk = bytes.length, sized = true): Promise<string[]> {
  const seen: string[] = [];
  const open = (start = 0): AsyncIterable<Uint8Array> => chunksOf(bytes.subarray(start), Math.max(1, chunk));
  for await (const piece of readZip({ size: sized ? bytes.length : undefined, open }, limits))
    seen.push(await shown(piece));
  return seen;
}

async function shown(piece: ZipPiece): Promise<string> {
  switch (piece.kind) {
    case 'member':
      return `${piece.entry.name} ${piece.dataOffset} ${crc32(await whole(piece.content))}`;
    case 'unclaimed':
      return `${piece.where} ${piece.after ?? '-'} ${piece.offset} ${(await whole(piece.content)).toString('latin1')}`;
    case 'flaw':
      return `${piece.member}: ${piece.what}`;
    case 'end':
      return `end ${piece.directory.comment.toString()} ${piece.descriptors}${JSON.stringify(piece.directory.facts)}`;
    default:
      return piece satisfies never;
  }
}

async function whole(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

const mixed = smallZip(
  [
    { name: 'a', content: 'stored' },
    { name: 'dir/b', content: 'deflated '.repeat(20), deflate: true, descriptor: true },
    { name: 'c', after: Buffer.from('gap') },
  ],
  { comment: 'hello', prefix: Buffer.from('#!/bin/sh\n'), trailing: Buffer.from('tail') },
);

describe('reading a zip archive', () => {
  it.each([
    [1, true],
    [7, true],
    [1_000_000, true],
    [1_000_000, false],
  ])('gives every byte a place, in chunks of %i bytes, its size known: %s', async (chunk, sized) => {
    const found = await list(mixed, roomy, chunk, sized);
    expect(found).toEqual([
      'before - 0 #!/bin/sh\n',
      `a 41 ${crc32('stored')}`,
      expect.stringMatching(/^dir\/b 82 /),
      expect.stringMatching(/^c \d+ 0$/),
      expect.stringMatching(/^before-directory c \d+ gap$/),
      expect.stringMatching(/^after c \d+ tail$/),
      'end hello 1 of 16 bytes{}',
    ]);
  });

  it('lists what zipinfo lists of what zip made', async () => {
    for (const name of ['one', 'two', 'three']) {
      writeFileSync(join(folder, name), name.repeat(100));
      utimesSync(join(folder, name), 1_700_000_000, 1_700_000_000);
    }
    execFileSync('zip', ['-q', '-X', 'made.zip', 'one', 'two', 'three'], { cwd: folder });
    const judged = execFileSync('zipinfo', ['-1', 'made.zip'], { cwd: folder, encoding: 'utf8' }).trimEnd().split('\n');
    const found = await list(readFileSync(join(folder, 'made.zip')));
    expect(found.slice(0, -1).map((line) => line.split(' ')[0])).toEqual(judged);
  });

  it('reads what was streamed, with descriptors and zip64 sizes, as zip writes it to a pipe', async () => {
    const bytes = execFileSync('zip', ['-q', '-', '-'], { input: 'piped '.repeat(50), cwd: folder });
    const found = await list(bytes);
    expect(found[0]).toMatch(/^- \d+/);
    expect(found.at(-1)).toMatch(/^end {2}1 of (?:16|24) bytes/);
  });

  it('reads a zip64 end record', async () => {
    const plain = smallZip([{ name: 'a', content: 'x' }]);
    const end = plain.length - 22;
    const record = Buffer.alloc(76);
    record.write('PK\x06\x06', 'latin1');
    record.writeBigUInt64LE(44n, 4);
    for (const at of [24, 32]) record.writeBigUInt64LE(1n, at);
    record.writeBigUInt64LE(BigInt(plain.readUInt32LE(end + 12)), 40);
    record.writeBigUInt64LE(BigInt(plain.readUInt32LE(end + 16)), 48);
    record.write('PK\x06\x07', 56, 'latin1');
    record.writeUInt32LE(1, 72);
    const short = Buffer.from(plain.subarray(end));
    short.fill(0xff, 8, 20);
    const found = await list(Buffer.concat([plain.subarray(0, end), record, short]));
    expect(found[0]).toBe(`a 31 ${crc32('x')}`);
    expect(found[1]).toContain('zip64 end record');
  });

  it('takes what stands before an archive whose offsets do not count it', async () => {
    const found = await list(Buffer.concat([Buffer.from('stub'), smallZip([{ name: 'a', content: 'x' }])]));
    expect(found.slice(0, 2)).toEqual(['before - 0 stub', `a 35 ${crc32('x')}`]);
  });

  it.each<[string, Buffer, string]>([
    ['a CRC-32', smallZip([{ name: 'a', content: 'x', central: { crc32: 1 } }]), 'a: crc32 of other content'],
    [
      'a data descriptor',
      smallZip([{ name: 'a', content: 'x', descriptor: true, central: { crc32: 1 } }]),
      'a: data descriptor',
    ],
  ])('names %s that belies the content', async (_what, bytes, flaw) => {
    expect(await list(bytes)).toContain(flaw);
  });

  it.each<[string, Buffer]>([
    ['no end record', Buffer.from('PK\x03\x04 and nothing more')],
    ['another count', smallZip([{ name: 'a' }], { end: { count: 2 } })],
    ['a directory outside', smallZip([{ name: 'a' }], { end: { offset: 1 << 30 } })],
    ['a directory that is too long', smallZip([{ name: 'a' }], { end: { size: 1000 } })],
    ['a member outside', smallZip([{ name: 'a', central: { offset: 1 << 30 } }])],
    ['a member longer than the file', smallZip([{ name: 'a', content: 'x', central: { packedSize: 1 << 30 } }])],
    [
      'members that overlap',
      smallZip([
        { name: 'a', content: 'xx' },
        { name: 'b', central: { offset: 5 } },
      ]),
    ],
    ['two members in one place', smallZip([{ name: 'a' }, { name: 'b', central: { offset: 0 } }])],
    ['a stored member of two sizes', smallZip([{ name: 'a', content: 'x', central: { size: 5 } }])],
    ['a name longer than the directory', smallZip([{ name: 'a' }], { end: { size: 46 } })],
  ])('refuses %s', async (_what, bytes) => {
    await expect(list(bytes)).rejects.toMatchObject({
      code: 'ARCHIVE_MALFORMED',
      context: { offset: expect.any(Number) },
    });
  });

  it('refuses an archive cut anywhere', async () => {
    const bytes = smallZip([{ name: 'a', content: 'abc', descriptor: true }, { name: 'b' }]);
    for (let length = 0; length < bytes.length; length++)
      await expect(list(bytes.subarray(0, length)), `cut at ${length}`).rejects.toMatchObject({
        code: 'ARCHIVE_MALFORMED',
      });
  });

  it.each<[keyof ZipLimits, number]>([
    ['members', 2],
    ['directoryBytes', 94],
  ])('ends when %s passes its limit by one, and not before', async (limit, value) => {
    const bytes = smallZip([{ name: 'a' }, { name: 'b' }]);
    expect((await list(bytes, { ...roomy, [limit]: value })).length).toBe(3);
    await expect(list(bytes, { ...roomy, [limit]: value - 1 })).rejects.toMatchObject({
      code: 'ARCHIVE_LIMIT',
      context: { limit },
    });
  });

  it('throws nothing but its own errors, whatever bytes are changed', async () => {
    const change = fc.tuple(fc.nat(mixed.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const bytes = Buffer.from(mixed);
        for (const [at, value] of changes) bytes[at] = value;
        await list(bytes).catch((error: unknown) => {
          if (!isReproofError(error, 'ARCHIVE_MALFORMED', 'ARCHIVE_LIMIT')) throw error;
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe('an extra field', () => {
  const text = (id: number, hex: string): string | undefined => zipExtraText({ id, data: Buffer.from(hex, 'hex') });

  it.each<[string, number, string, string | undefined]>([
    ['times', 0x5455, '0300f1536500000000', 'flags 3, mtime 2023-11-14T22:13:20Z, atime 1970-01-01T00:00:00Z'],
    ['times of the directory', 0x5455, '0300f15365', 'flags 3, mtime 2023-11-14T22:13:20Z'],
    ['more times than flags', 0x5455, '0000f15365', undefined],
    ['owner', 0x7875, '0104e803000004e9030000', 'uid 1000, gid 1001'],
    ['narrow owner', 0x7875, '01010001ff', 'uid 0, gid 255 (1 and 1 bytes)'],
    ['owner cut short', 0x7875, '0104e8030000', undefined],
    [
      'NTFS times',
      10,
      `000000000100180000006dc64717da0101${'00'.repeat(15)}`,
      'mtime 2023-11-14T22:13:20Z, atime 1601-01-01T00:00:00.0000001Z, ctime 1601-01-01T00:00:00Z',
    ],
    ['alignment', 0xd935, '04000000', 'to 4, 2 bytes of padding'],
    ['an id nobody knows', 0x1234, '00', undefined],
  ])('says %s', (_what, id, hex, expected) => {
    expect(text(id, hex)).toBe(expected);
  });

  it('of any bytes gives text or nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 10, 0x5455, 0x7875, 0xcafe, 0xd935),
        fc.uint8Array({ maxLength: 40 }),
        (id, data) => {
          const said = zipExtraText({ id, data: Buffer.from(data) });
          expect(said === undefined || said !== '').toBe(true);
        },
      ),
    );
  });

  it('is made by the helper as zip makes it', () => {
    expect(extraField(0x5455, Buffer.from('0300', 'hex')).toString('hex')).toBe('555402000300');
  });
});
