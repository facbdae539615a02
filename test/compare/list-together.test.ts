import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bufferSource, compare, explain } from '../../compare/index.ts';
import type { ByteSource } from '../../compare/types.ts';
import { type Difference, sha256Of } from '../../model/index.ts';
import { END, header, padded, pax, record } from '../helpers/small-tar.ts';

/** What files are compared in pieces of. */
const PIECE = 64 * 1024;
/** Bytes that no piece of which is another's, the same each time. */
const noise = (bytes: number, seed: string): Buffer =>
  createHash('shake256', { outputLength: bytes }).update(seed).digest();
const file = (name: string, bytes: Buffer): Buffer =>
  Buffer.concat([header({ 0: name }, bytes.length), padded(bytes.toString('latin1'))]);
/** A member that ends a piece: `count` bytes are left to the last block's end, which hold `padding`. */
const upToPiece = (name: string, padding: Buffer): Buffer => {
  const content = noise(PIECE - 512 - padding.length, name);
  return Buffer.concat([header({ 0: name }, content.length), content, padding]);
};
const flipped = (bytes: Buffer, at: number): Buffer => {
  const other = Buffer.from(bytes);
  other[at] = (other[at] as number) ^ 1;
  return other;
};
const source = (bytes: Buffer): ByteSource => bufferSource('x.tar', bytes);
/** A source of which nothing is known to be equal before it is read. */
const stream = (bytes: Buffer): ByteSource => ({ name: 'x.tar', size: bytes.length, open: source(bytes).open });

const equalMembers = Buffer.concat(Array.from({ length: 9 }, (_, at) => file(`equal-${at}`, noise(70_000, `e${at}`))));
const extended = Buffer.concat([
  pax('x', record('path', 'a name of pax')),
  file('short', noise(70_000, 'x')),
  header({ 0: 'a link', 156: '2', 157: 'target' }, 77),
  header({ 0: 'a folder', 156: '5' }),
  Buffer.concat([header({ 0: 'odd' }, 3), Buffer.from('abc'), Buffer.alloc(509, 7)]),
]);
const long = noise(200_000, 'long');
const longest = noise(17 * 2 ** 20, 'longest');
/** More than are told one by one. */
const manyPaddings = Buffer.concat(Array.from({ length: 12 }, (_, at) => upToPiece(`p${at}`, Buffer.alloc(8, at + 1))));

/** Pairs of archives of which most is equal, and what differs. */
const PAIRS: readonly (readonly [string, Buffer, Buffer])[] = [
  [
    'a content',
    Buffer.concat([equalMembers, file('one', long), equalMembers, END]),
    Buffer.concat([equalMembers, file('one', flipped(long, 100_000)), equalMembers, END]),
  ],
  [
    'a content of which only what is not known to be equal is read',
    Buffer.concat([equalMembers, file('one', longest), equalMembers, END]),
    Buffer.concat([equalMembers, file('one', flipped(longest, 9_000_000)), equalMembers, END]),
  ],
  [
    'a content between headers of all kinds',
    Buffer.concat([extended, equalMembers, file('one', long), extended, equalMembers, END]),
    Buffer.concat([extended, equalMembers, file('one', flipped(long, 100_000)), extended, equalMembers, END]),
  ],
  [
    'a header',
    Buffer.concat([equalMembers, header({ 0: 'one', 108: '0000001\0' }), equalMembers, END]),
    Buffer.concat([equalMembers, header({ 0: 'one', 108: '0000002\0' }), equalMembers, END]),
  ],
  [
    'a padding before an equal piece',
    Buffer.concat([upToPiece('one', Buffer.alloc(8)), equalMembers, END]),
    Buffer.concat([upToPiece('one', Buffer.alloc(8, 1)), equalMembers, END]),
  ],
  [
    'a padding of several that are not empty',
    Buffer.concat([upToPiece('one', Buffer.alloc(8, 2)), equalMembers, extended, equalMembers, END, Buffer.from('a')]),
    Buffer.concat([upToPiece('one', Buffer.alloc(8, 1)), equalMembers, extended, equalMembers, END, Buffer.from('b')]),
  ],
  [
    'the last of many paddings',
    Buffer.concat([...new Array<Buffer>(9).fill(upToPiece('one', Buffer.alloc(8, 2))), equalMembers, END]),
    Buffer.concat([
      ...new Array<Buffer>(8).fill(upToPiece('one', Buffer.alloc(8, 2))),
      upToPiece('one', Buffer.alloc(8, 1)),
      equalMembers,
      END,
    ]),
  ],
  [
    'a content after many paddings',
    Buffer.concat([manyPaddings, file('one', long), equalMembers, END]),
    Buffer.concat([manyPaddings, file('one', flipped(long, 100_000)), equalMembers, END]),
  ],
  [
    'a content of which nothing is equal',
    Buffer.concat([equalMembers, file('one', long), equalMembers, END]),
    Buffer.concat([equalMembers, file('one', noise(200_000, 'other')), equalMembers, END]),
  ],
  [
    'what follows the end',
    Buffer.concat([equalMembers, END, noise(100_000, 'end')]),
    Buffer.concat([equalMembers, END, flipped(noise(100_000, 'end'), 99_999)]),
  ],
  [
    'a global header',
    Buffer.concat([pax('g', record('mtime', '5')), equalMembers, END]),
    Buffer.concat([pax('g', record('mtime', '6')), equalMembers, END]),
  ],
];

/** What a tree says of an archive, without the digests of members that were not read in full. */
const said = ({ fields, children }: Difference): object => ({
  fields,
  children: children.map((child) => ({ path: child.path, detail: child.detail, fields: child.fields })),
});

describe('listing two archives of which most is equal', () => {
  it.each(PAIRS)('finds that %s differs as where all of both is listed', async (_, left, right) => {
    const found = await explain(source(left), source(right));
    expect(found.kind).toBe('tar');
    expect(said(found)).toEqual(said(await explain(stream(left), stream(right))));
    expect((found.fields ?? []).length + found.children.length + found.notes.length).toBeGreaterThan(0);
  });

  it.each(PAIRS)('finds the same when the equal pieces were seen while digesting: %s', async (_, left, right) => {
    const { difference, ...compared } = await compare(source(left), source(right));
    const explained = await explain(source(left), source(right));
    expect(difference).toEqual({ ...explained, left: difference?.left, right: difference?.right });
    expect(compared.left.sha256).toBe(createHash('sha256').update(left).digest('hex'));
    expect(compared.right.sha256).toBe(createHash('sha256').update(right).digest('hex'));
  });
});

it.each([
  ['has them of one', long, { left: { sha256: sha256Of(long) }, right: { sha256: sha256Of(flipped(long, 9)) } }],
  ['has none of a long one, of which only a part is read', longest, { left: { size: longest.length } }],
])('a member of which pieces are equal at their place has its digests: %s', async (_, content, sides) => {
  const archive = (bytes: Buffer): ByteSource => source(Buffer.concat([file('one', bytes), equalMembers, END]));
  const { children } = await explain(archive(content), archive(flipped(content, 9)));
  expect(children).toHaveLength(1);
  expect(children[0]).toMatchObject(sides);
  expect(children[0]?.left?.sha256 !== undefined).toBe(content === long);
});

describe('digesting two sides', () => {
  const bytes = noise(3 * 2 ** 20 + 5, 'digest');

  it.each([
    ['equal bytes', bytes, Buffer.from(bytes)],
    ['one that goes on', bytes, Buffer.concat([bytes, noise(2 ** 21, 'more')])],
    ['one that differs in its last byte', bytes, flipped(bytes, bytes.length - 1)],
    ['an empty one', Buffer.alloc(0), bytes],
  ])('gives the same of %s from memory at any place as from a stream', async (_, left, right) => {
    const whole = async (make: typeof source): Promise<object> => {
      const { identical, ...sides } = await compare(make(left), make(right));
      return { identical, left: sides.left, right: sides.right };
    };
    expect(await whole(source)).toEqual(await whole(stream));
    expect(await whole(source)).toMatchObject({
      identical: left.equals(right),
      left: { size: left.length, sha256: createHash('sha256').update(left).digest('hex') },
      right: { size: right.length, sha256: createHash('sha256').update(right).digest('hex') },
    });
  });
});
