import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isReproofError } from '../../model/index.ts';
import { END, header, list, members, padded, pax, record } from '../helpers/small-tar.ts';

describe('reading the map of a sparse file', () => {
  const sparse = (fields: Record<number, string>): Buffer =>
    header({ 156: 'S', 257: 'ustar  \0', 386: '00000000000\x0000000000000\0', 483: '00000001000\0', ...fields });
  it.each<[string, Record<number, string>, string]>([
    ['behind the entry that ends it', { 481: 'x' }, `${'\0'.repeat(71)}x`],
    ['in the flag that it goes on', { 482: '\x02' }, '\x02'],
  ])('keeps what stands %s', async (_, fields, kept) => {
    const [only] = await members(Buffer.concat([sparse(fields), Buffer.alloc(512), END]));
    expect(only?.sparse?.map).toEqual(['0+0', kept]);
  });

  it('keeps the size with holes as stored beside its value where it is in another form', async () => {
    const [only] = await members(Buffer.concat([sparse({ 483: '       1000\0' }), END]));
    expect(only?.sparse?.size).toBe('512 (       1000\0)');
  });
});

describe('reading header fields stored in unusual ways', () => {
  const large = '\x80\0\0\0\0\0\0\0\0\0\x01\0';
  it.each<[string, Record<number, string>, object]>([
    ['a number with spaces', { 100: '   644 \0' }, { mode: '420', oddities: { mode: '   644 \0' } }],
    ['a base-256 number', { 136: large }, { mtime: '256', oddities: { mtime: large } }],
    [
      'a negative number',
      { 136: `${'\xff'.repeat(11)}\xfe` },
      { mtime: '-2', oddities: { mtime: `${'\xff'.repeat(11)}\xfe` } },
    ],
    ['an empty number', { 108: '' }, { uid: undefined, oddities: { uid: '\0'.repeat(8), gid: '\0'.repeat(8) } }],
    ['no number', { 100: 'rwxrwxrw' }, { mode: undefined, oddities: { mode: 'rwxrwxrw' } }],
    ['bytes after a NUL', { 0: 'a\0b' }, { name: 'a', oddities: { name: `a\0b${'\0'.repeat(97)}` } }],
    ['a checksum without its space', { 297: 'g' }, { gname: 'g' }],
    ['an unknown version', { 257: 'ustar 00' }, { oddities: { magic: 'ustar 00' } }],
    ['bytes past the fields', { 510: 'x' }, { oddities: { 'rest of the header': `${'\0'.repeat(10)}x` } }],
    ['a prefix', { 345: 'p' }, { name: 'p/name' }],
  ])('keeps %s as stored beside its value', async (_, fields, expected) => {
    const [only] = await members(
      Buffer.concat([
        header({ 108: '0000000\0', 116: '0000000\0', ...(fields[108] === undefined ? fields : {}) }),
        END,
      ]),
    );
    const [given] = fields[108] === undefined ? [only] : await members(Buffer.concat([header(fields), END]));
    expect(given?.header).toMatchObject(expected);
  });

  it('takes checksums of signed bytes, as old tars made them, and no others', async () => {
    const block = header({ 0: 'caf\xe9' });
    const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
    const as = (value: number): Buffer =>
      Buffer.concat([header({ 0: 'caf\xe9', 148: `${value.toString(8).padStart(6, '0')}\0 ` }), END]);
    expect((await members(as(sum - 256))).length).toBe(1);
    await expect(list(as(sum - 1))).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED', context: { offset: 0 } });
  });
});

describe('reading a hostile or broken tar archive', () => {
  const small = Buffer.concat([pax('x', record('path', 'p')), header({}, 3), padded('abc'), header({ 156: '5' }), END]);

  it('throws ARCHIVE_MALFORMED wherever the archive is cut before its mark of the end', async () => {
    for (let length = 0; length < small.length - 1023; length++)
      if (length !== small.length - 1024 + 512)
        await expect(list(small.subarray(0, length)), `cut at ${length}`).rejects.toMatchObject({
          code: 'ARCHIVE_MALFORMED',
        });
  });

  it.each<[string, Buffer]>([
    ['a size past 2^53', Buffer.concat([header({ 124: `\x80${'\x7f'.repeat(11)}` }), END])],
    ['a negative size', Buffer.concat([header({ 124: '\xff'.repeat(12) }), END])],
    ['a size that is no number', Buffer.concat([header({ 124: 'x' }), END])],
    ['a size past the end', Buffer.concat([header({}, 8 ** 11 - 1), END])],
    ['a pax size that is no number', Buffer.concat([pax('x', record('size', '-1')), header({}), END])],
    ['a record longer than its header', Buffer.concat([pax('x', '99 a=b\n'), header({}), END])],
    ['a record without an end', Buffer.concat([pax('x', '6 a=bc'), header({}), END])],
    ['a record of length 0', Buffer.concat([pax('x', '0 a=b\n'), header({}), END])],
    ['an extended header before nothing', Buffer.concat([pax('x', record('a', 'b')), END])],
    [
      'a global header inside a member',
      Buffer.concat([pax('x', record('a', 'b')), pax('g', record('a', 'b')), header({}), END]),
    ],
    ['garbage for a header', Buffer.concat([header({}), padded('garbage'), END])],
  ])('refuses %s', async (_, bytes) => {
    await expect(list(bytes)).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED' });
  });

  it.each(['x', 'g', 'L', 'K'])('stops at extended headers of type %s past the limit', async (type) => {
    const one = pax(type, type === 'x' || type === 'g' ? record('a', 'b'.repeat(400)) : 'n'.repeat(400));
    expect((await list(Buffer.concat([one, header({}), END]), 1e6, 1024)).at(-1)?.kind).toBe('end');
    await expect(list(Buffer.concat([one, one, header({}), END]), 1e6, 1500)).rejects.toMatchObject({
      code: 'ARCHIVE_LIMIT',
    });
    await expect(list(Buffer.concat([header({ 156: type }, 8 ** 11 - 1), END]))).rejects.toMatchObject({
      code: 'ARCHIVE_LIMIT',
    });
  });

  it('throws nothing but our own errors for mutated archives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.boolean(),
        async (edits, fixed) => {
          const bytes = Buffer.from(small);
          for (const [at, byte] of edits) bytes[at] = byte;
          if (fixed)
            for (let at = 0; at < bytes.length; at += 512) {
              const block = bytes.subarray(at, at + 512);
              const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
              block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
            }
          const error = await list(bytes).then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
          expect(error === undefined || isReproofError(error, 'ARCHIVE_MALFORMED', 'ARCHIVE_LIMIT')).toBe(true);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });
});
