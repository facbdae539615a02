import { describe, expect, it } from 'vitest';
import { type ByteSource, bufferSource, type CompareLimits, explain } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { chunksOf } from '../../helpers/chunks.ts';
import { mirror } from '../../helpers/mirror.ts';

/** Compares both ways, and fails where the one is not the mirror of the other. */
async function compare(
  left: Uint8Array | string,
  right: Uint8Array | string,
  limits: Partial<CompareLimits> = {},
): Promise<Difference> {
  const [old, now] = [Buffer.from(left as string), Buffer.from(right as string)];
  const found = await explain(bufferSource('file', old), bufferSource('file', now), { limits });
  const back = await explain(bufferSource('file', now), bufferSource('file', old), { limits });
  expect(mirror(back)).toEqual(found);
  return found;
}

const wide = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf32 = (text: string): Buffer => {
  const points = [0xfeff, ...[...text].map((character) => character.codePointAt(0) as number)];
  const bytes = Buffer.alloc(points.length * 4);
  for (const [index, point] of points.entries()) bytes.writeUInt32BE(point, index * 4);
  return bytes;
};

describe('explaining how two texts differ', () => {
  it('shows lines, and the words where one line alone differs', async () => {
    const found = await compare('one\nthe old words here\nthree\n', 'one\nthe new words there\nthree\n');
    expect(found).toMatchObject({
      kind: 'text',
      diff: '@@ -1,3 +1,3 @@\n one\n-the old words here\n+the new words there\n three\n',
      fields: [{ name: 'words', left: 'old … here', right: 'new … there' }],
    });
  });

  it.each<[string, string | Buffer, string | Buffer, string]>([
    ['line-endings', 'a\r\nb\r\n', 'a\nb\n', 'every line ends in another way'],
    ['line-endings', 'a\rb\r', 'a\nb\n', 'every line ends in another way'],
    ['line-endings', 'a\r\nb\n', 'a\nb\n', 'only line endings differ'],
    ['whitespace', 'a\nb', 'a\nb\n', 'only the newline at the end differs'],
    ['whitespace', 'a \nb\t\t\nc', 'a\nb\nc', 'only whitespace at the ends of lines differs'],
    ['whitespace', 'a  b\n\nc\n', 'a b\nc\n', 'only blanks and line breaks differ'],
    ['encoding', wide('grün\n'), 'grün\n', 'the same text in another encoding'],
    ['encoding', Buffer.from(wide('grün\n')).swap16(), wide('grün\n'), 'the same text in another encoding'],
    ['encoding', utf32('grün 😀\n'), 'grün 😀\n', 'the same text in another encoding'],
    ['encoding', '\ufeffa\n', 'a\n', 'the same text in another encoding'],
    ['encoding', latin1('some words in grün\n'), 'some words in grün\n', 'the same text in another encoding'],
    ['encoding', 'a caf\u00e9\n', 'a cafe\u0301\n', 'the same characters, composed otherwise (Unicode normalization)'],
    ['order', 'alpha\nbeta\ngamma\n', 'gamma\nalpha\nbeta\n', 'the same lines in another order: 1 of 3 moved'],
    [
      'order',
      'alpha\nbeta\ngamma\nold\n',
      'gamma\nalpha\nbeta\nnew\n',
      '1 of 3 changed lines stand elsewhere unchanged',
    ],
  ])('names %s of %j and %j', async (kind, left, right, evidence) => {
    const found = await compare(left, right);
    expect(found.kind).toBe('text');
    expect(found.reasons?.map((reason) => `${reason.kind}: ${reason.evidence}`)).toEqual([`${kind}: ${evidence}`]);
  });

  it('takes pages of GNU Info for text, whose indices stand between NUL, BS and a bracket', async () => {
    const page = (entry: string): Buffer =>
      Buffer.from(
        `This is a.info\n\n\x1f\nFile: a.info,  Node: Index\n\n\0\b[index\0\b]\n* Menu:\n\n* ${entry}: Top.\n`,
      );
    const found = await compare(page('old'), page('new'));
    expect(found).toMatchObject({ kind: 'text', diff: expect.stringContaining('-* old: Top.\n+* new: Top.\n') });
    expect((await compare(Buffer.from('a\0\b\n'), Buffer.from('b\0\b\n'))).kind).toBe('bytes');
    expect((await compare(Buffer.from('a\0'), Buffer.from('b\0\b['))).kind).toBe('bytes');
  });

  it.each([
    ['a caf\u00e9\n', 'a cafe\u0301\n', { left: 'caf\\xe9', right: 'cafe\\u{301}' }],
    ['10 % of a\n', '10\u00a0% of a\n', { left: ' ', right: '\\xa0' }],
  ])('shows by their numbers characters that look alike: %j', async (left, right, words) => {
    expect((await compare(left, right)).fields).toEqual([{ name: 'words', ...words }]);
  });

  it('shows values that look alike by the numbers of their characters', async () => {
    const found = await compare('<a>10 % of caf\u00e9s</a>\n', '<a>10\u00a0% of caf\u00e9s</a>\n');
    expect(found.fields).toEqual([{ name: '/a/text()', left: '10 % of caf\\xe9s', right: '10\\xa0% of caf\\xe9s' }]);
  });

  it('takes a mark between words for no blank', async () => {
    const found = await compare('one\ufefftwo\n', 'onetwo\n');
    expect(found.diff).toBe('@@ -1,1 +1,1 @@\n-one\\u{feff}two\n+onetwo\n');
    expect(found.reasons).toBeUndefined();
  });

  it('takes one moved line among many new ones for no other order', async () => {
    const left = 'a moved line\nold one\nold two\nkept\n';
    const found = await compare(left, 'new one\nnew two\nnew three\nkept\na moved line\n');
    expect(found.reasons ?? []).toEqual([]);
  });

  it('compares lines in another encoding and with other ends by what they say', async () => {
    const found = await compare(wide('one\r\ntwo\r\n'), 'one\n2\n');
    expect(found.diff).toBe('@@ -1,2 +1,2 @@\n one\n-two\n+2\n');
    expect(found.fields).toContainEqual({ name: 'line endings', left: '2 CRLF', right: '2 LF' });
  });

  it('tells a mark and a missing newline', async () => {
    expect((await compare('a\nb', 'a\nb\nc')).diff).toBe(
      '@@ -1,2 +1,3 @@\n a\n-b\n\\ No newline at end of file\n+b\n+c\n\\ No newline at end of file\n',
    );
  });

  it.each([
    ['NUL', Buffer.from('a\0b')],
    ['control characters and bytes above 127', Buffer.from([0x81, 1, 2, 0x90, 0xff])],
    ['a mark before what is no text', Buffer.from([0xff, 0xfe, 0, 0xd8, 1, 0, 0, 0xdc])],
    ['half a character of UTF-16 at the end', Buffer.concat([wide('text\n'), Buffer.from('x')])],
    ['a piece of a character of UTF-32 at the end', Buffer.concat([utf32('text\n'), Buffer.from('\0\0')])],
  ])('leaves %s to the bytes', async (_, bytes) => {
    expect((await compare(bytes, 'text\n')).kind).toBe('bytes');
  });
});

describe('explaining texts longer than the limit', () => {
  const line = (index: number): string => `line ${index} of a long text\n`;
  const lines = Array.from({ length: 20_000 }, (_, index) => line(index));
  const changed = [...lines.slice(0, 15_000), 'another line\n', ...lines.slice(15_001)];

  it('shows the stretch around where they begin to differ, and says where that is', async () => {
    const found = await compare(lines.join(''), changed.join(''), { textBytes: 20_000 });
    expect(found.diff?.split('\n').filter((text) => /^[-+]/.test(text))).toEqual([
      '-line 15000 of a long text',
      '+another line',
    ]);
    expect(found.truncated).toBe(true);
    expect(found.notes[0]).toMatch(/^compared from byte 3\d{5} on, 20000 bytes: lines are counted from there$/);
  });

  it('tells bytes apart that are no UTF-8, where the beginning is', async () => {
    const found = await compare(
      Buffer.concat([Buffer.from(lines.join('')), latin1('caf\xe9\n')]),
      Buffer.concat([Buffer.from(lines.join('')), latin1('caf\xe8\n')]),
      { textBytes: 20_000 },
    );
    expect(found.diff?.split('\n').filter((text) => /^[-+]/.test(text))).toEqual(['-caf\xe9', '+caf\xe8']);
    const wider = '\u00e9'.repeat(8_000);
    const words = await compare(`${wider}old\n`, `${wider}new\n`, { textBytes: 15_000 });
    expect(words.diff).toMatch(/\u00e9old\n\+.*\u00e9new\n$/);
  });

  it('does not take the end of what was read for a difference', async () => {
    const found = await compare(lines.join(''), ['a new one\n', ...lines].join(''), { textBytes: 5_000 });
    expect(found.diff?.split('\n').filter((text) => /^[-+]/.test(text))).toEqual(['+a new one']);
  });

  it('gives the same in whatever pieces it is read', async () => {
    const source = (bytes: Buffer, size: number): ByteSource => ({
      name: 'file',
      size: bytes.length,
      open: (start = 0) => chunksOf(bytes.subarray(start), size),
    });
    const [left, right] = [lines, changed].map((text) => Buffer.from(text.slice(14_000, 16_000).join(''))) as [
      Buffer,
      Buffer,
    ];
    const limits = { textBytes: 9_000 };
    const [first, ...others] = await Promise.all(
      [1, 7, 1e6].map((size) => explain(source(left, size), source(right, size), { limits })),
    );
    expect(first?.diff).toContain('+another line');
    for (const other of others) expect(other).toEqual(first);
  });
});
