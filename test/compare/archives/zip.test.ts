import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bufferSource, type CompareLimits, explain } from '../../../compare/index.ts';
import type { Difference, FieldChange } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';
import { extraField, type SmallZipMember, smallZip } from '../../helpers/small-zip.ts';

const compare = (left: Uint8Array, right: Uint8Array, limits: Partial<CompareLimits> = {}): Promise<Difference> =>
  explain(bufferSource('file', left), bufferSource('file', right), { limits });

/** All nodes as "path | kind | detail", depth first. */
function flat(node: Difference): string[] {
  return [`${node.path} | ${node.kind} | ${node.detail ?? ''}`, ...node.children.flatMap(flat)];
}
const notes = (node: Difference): string[] => [...node.notes, ...node.children.flatMap(notes)];
const fields = (node: Difference): FieldChange[] => [...(node.fields ?? []), ...node.children.flatMap(fields)];

const text = 'line\n'.repeat(100);
const packed: SmallZipMember = { name: 'a.txt', content: text, deflate: 6 };

describe('explaining how two zip archives differ', () => {
  it('goes down to the lines of a member, packed or stored', async () => {
    const left = smallZip([{ name: 'same' }, packed, { name: 'b.txt', content: 'one\n' }]);
    const right = smallZip([
      { name: 'same' },
      { ...packed, content: `${text}more\n` },
      { name: 'b.txt', content: 'two\n' },
    ]);
    const found = await compare(left, right);
    expect(flat(found)).toEqual(['file | zip | ', 'a.txt | text | ', 'b.txt | text | ']);
    expect(found.children[0]?.diff).toContain('+more');
    expect(await compare(right, left)).toEqual(mirror(found));
  });

  it('tells order from content, without unpacking', async () => {
    const broken = { ...packed, name: 'broken', central: { crc32: 1 } };
    const found = await compare(smallZip([packed, broken]), smallZip([broken, packed]));
    expect(found.fields).toContainEqual({ name: 'member after 0 in common', left: 'a.txt', right: 'broken' });
    expect(notes(found)).toEqual([]);
  });

  it('tells an order that only the directory has', async () => {
    const members = [packed, { name: 'b' }];
    const found = await compare(smallZip(members), smallZip(members, { directory: [1, 0] }));
    expect(fields(found)).toEqual([
      { name: 'order of directory', right: expect.stringContaining('not as the members stand, from a.txt on') },
    ]);
  });

  it('says that content packed in another way is equal', async () => {
    const content = Array.from({ length: 2000 }, (_, index) => `${index * 7919}`).join(' ');
    const sides = [1, 9].map((deflate) => smallZip([{ name: 'a', content, deflate }])) as [Buffer, Buffer];
    const found = await compare(...sides);
    expect(found.children[0]?.detail).toBe('equal content, stored otherwise');
    expect(found.children[0]?.fields).toEqual([
      { name: 'made by', left: "Node's zlib at level 1", right: "Node's zlib at level 9" },
    ]);
    expect(found.children[0]?.reasons).toMatchObject([{ kind: 'compression' }, { kind: 'compression' }]);
    expect(await compare(...(sides.toReversed() as [Buffer, Buffer]))).toEqual(mirror(found));
    const stored = await compare(sides[0], smallZip([{ name: 'a', content }]));
    expect(stored.children[0]).toMatchObject({
      detail: 'equal content, stored otherwise',
      fields: [{ name: 'method', left: 'deflate', right: 'stored' }],
    });
  });

  it.each<[string, Partial<SmallZipMember>, FieldChange[]]>([
    [
      'a mode',
      { central: { external: (0o100755 << 16) >>> 0 } },
      [{ name: 'mode', left: '0100644', right: '0100755' }],
    ],
    [
      'a system',
      { central: { madeBy: 0x14 } },
      [
        { name: 'made by', left: 'unix 3.0', right: 'dos 2.0' },
        { name: 'mode', left: '0100644' },
        { name: 'upper attributes', right: '0x81a4' },
      ],
    ],
    [
      'a time',
      { central: { dosTime: 0x58210001 }, local: { dosTime: 0x58210001 } },
      [{ name: 'mtime', left: '2024-01-01 00:00:00', right: '2024-01-01 00:00:02' }],
    ],
    ['a local time alone', { local: { dosTime: 0x58210001 } }, [{ name: 'local mtime', right: '2024-01-01 00:00:02' }]],
    ['a local name alone', { local: { name: 'b.txt' } }, [{ name: 'local name', right: 'b.txt' }]],
    ['a local CRC-32 alone', { local: { crc32: 1 } }, [{ name: 'local crc32', right: '00000001' }]],
    [
      'local sizes alone',
      { local: { size: 1 } },
      [{ name: 'local sizes', right: expect.stringMatching(/, 1 unpacked$/) }],
    ],
    ['a comment', { comment: 'c' }, [{ name: 'comment', right: 'c' }]],
    [
      'an extra field',
      { central: { extra: extraField(0x5455, Buffer.from('0100f15365', 'hex')) } },
      [{ name: 'extra 0x5455 (times)', right: 'flags 1, mtime 2023-11-14T22:13:20Z' }],
    ],
    [
      'a local extra field',
      { local: { extra: extraField(0x1234, Buffer.from('00ff', 'hex')) } },
      [{ name: 'local extra 0x1234', right: '00ff' }],
    ],
    [
      'bytes behind the extra fields',
      { central: { extra: Buffer.from([1, 2]) } },
      [{ name: 'extra remainder', right: '0102' }],
    ],
    ['the level of deflate', { central: { flags: 2 }, local: { flags: 2 } }, [{ name: 'level', right: 'maximum' }]],
    ['a flag', { central: { flags: 0x800 }, local: { flags: 0x800 } }, [{ name: 'flags', right: '0x0800, UTF-8' }]],
    [
      'a data descriptor',
      { descriptor: true },
      [
        { name: 'data descriptors', right: '1 of 16 bytes' },
        { name: 'flags', right: '0x0008, data descriptor' },
      ],
    ],
  ])('names %s', async (_what, change, expected) => {
    const found = await compare(smallZip([packed]), smallZip([{ ...packed, ...change }]));
    expect(fields(found)).toEqual(expected);
    expect(await compare(smallZip([{ ...packed, ...change }]), smallZip([packed]))).toEqual(mirror(found));
  });

  it.each(['zip.zip', 'zip64', 'zip-streamed'])(
    'says of no byte of an archive that the headers are the same: %s',
    async (seed) => {
      const whole = readFileSync(join(import.meta.dirname, '../../fixtures/fuzz', seed));
      for (let at = 0; at < whole.length; at++) {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] as number) ^ 1;
        const found = await compare(whole, changed, { programRuns: 0 });
        expect(found.reasons ?? [], `byte ${at}`).not.toMatchObject([{ kind: 'packing' }]);
      }
    },
  );

  it('names numbers in a zip64 field that no header asks for', async () => {
    const made = (last: number): Buffer => {
      const extra = extraField(1, Buffer.from([1, 2, 3, 4, 5, 6, 7, last]));
      return smallZip([{ ...packed, central: { extra } }]);
    };
    expect(fields(await compare(made(8), made(9)))).toEqual([
      {
        name: 'extra 0x0001 (zip64)',
        left: '8 bytes, unused 0102030405060708',
        right: '8 bytes, unused 0102030405060709',
      },
    ]);
  });

  it('looks into bytes that belong to no member', async () => {
    const left = smallZip([{ ...packed, after: Buffer.from('one\n') }], { trailing: Buffer.from('left\n') });
    const right = smallZip([{ ...packed, after: Buffer.from('two\n') }], { trailing: Buffer.from('right\n') });
    const found = await compare(left, right);
    expect(flat(found).slice(1)).toEqual(['(bytes after a.txt) | text | ', '(bytes after the archive) | text | ']);
  });

  it('sees the second of two members of one name', async () => {
    const found = await compare(
      smallZip([
        { name: 'a', content: 'same' },
        { name: 'a', content: 'one\n' },
      ]),
      smallZip([
        { name: 'a', content: 'same' },
        { name: 'a', content: 'two\n' },
      ]),
    );
    expect(found.children[0]?.diff).toContain('-one\n+two\n');
  });

  it('reads an archive within an archive, held in memory or not', async () => {
    const nest = (content: string): Buffer =>
      smallZip([{ name: 'in.zip', content: smallZip([{ name: 'x', content, deflate: 6 }]), deflate: 6 }]);
    const sides = [nest(`${text}one\n`), nest(`${text}two\n`)] as const;
    const held = await compare(...sides);
    expect(flat(held)).toEqual(['file | zip | ', 'in.zip | zip | ', 'x | text | ']);
    expect(await compare(...sides, { heldBytes: 1 })).toEqual(held);
  });
});

describe('explaining hostile zip archives', () => {
  const other = smallZip([{ name: 'a.txt', content: 'other\n' }]);

  it.each<[string, Partial<SmallZipMember>, RegExp]>([
    ['a wrong CRC-32', { central: { crc32: 1 } }, /ARCHIVE_MALFORMED.*CRC-32/],
    ['a size too small', { central: { size: 5 } }, /ARCHIVE_MALFORMED.*more than its 5 bytes/],
    ['a size too large', { central: { size: 5000 } }, /ARCHIVE_MALFORMED.*500 of its 5000 bytes/],
    ['no deflated data', { central: { method: 8 }, deflate: 0 }, /ARCHIVE_MALFORMED.*unpacking a\.txt/],
    ['a method nobody reads', { central: { method: 98 } }, /^ARCHIVE_UNSUPPORTED: .*PPMd, is not read/],
    ['encryption', { central: { flags: 1 } }, /^ARCHIVE_UNSUPPORTED: .*it is encrypted/],
  ])('notes %s, and never says equal', async (_what, change, note) => {
    const found = await compare(smallZip([{ ...packed, ...change }]), other);
    expect(notes(found).join('\n')).toMatch(note);
    expect(flat(found).join('\n')).not.toContain('equal');
  });

  it('notes bytes that hide behind deflated ones', async () => {
    const bytes = Buffer.concat([deflateRawSync('x'), Buffer.from('hidden')]);
    const member = { name: 'a', content: bytes, central: { method: 8, size: 1, crc32: 0x8cdc1683 } };
    const found = await compare(smallZip([member]), smallZip([{ name: 'a', content: 'x', deflate: 6 }]));
    expect(notes(found).join()).toContain('6 bytes follow the deflated ones');
  });

  it('ends at the limit of bytes, however much comes out of little', async () => {
    const bomb = (size: number): Buffer => smallZip([{ name: 'a', content: Buffer.alloc(size), deflate: 9 }]);
    const found = await compare(bomb(3e6), bomb(3e6 + 1), { bytes: 1e6, heldBytes: 1000 });
    expect(JSON.stringify(found)).toContain('ARCHIVE_LIMIT');
  });

  it('never says identical and throws nothing, whatever byte is changed', async () => {
    const whole = smallZip([packed, { name: 'b', content: 'stored', comment: 'x', descriptor: true }], {
      comment: 'c',
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] as number) ^ change;
        expect((await compare(whole, changed)).kind).not.toBe('identical');
      }),
      { numRuns: 300 },
    );
  });
});
