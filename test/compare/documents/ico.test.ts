import { describe, expect, it } from 'vitest';
import { readIco } from '../../../formats/index.ts';
import { compareAllWays, survivesDamage } from '../../helpers/compare-bytes.ts';

type Picture = { readonly width: number; readonly bits: number; readonly content: Buffer };

function icon(pictures: readonly Picture[], type = 1): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(type, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  for (const [index, { width, bits, content }] of pictures.entries()) {
    const at = 6 + 16 * index;
    head.set([width & 255, width & 255, 0, 0, 1, 0, bits, 0], at);
    head.writeUInt32LE(content.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += content.length;
  }
  return Buffer.concat([head, ...pictures.map(({ content }) => content)]);
}

const bitmap = (letter: string): Buffer => Buffer.concat([Buffer.from([40, 0, 0, 0]), Buffer.alloc(40, letter)]);
const two = icon([
  { width: 16, bits: 8, content: bitmap('a') },
  { width: 256, bits: 32, content: bitmap('b') },
]);

describe('explaining how two icons differ', () => {
  it('names the picture that differs, and looks into it', async () => {
    const other = icon([
      { width: 16, bits: 8, content: bitmap('a') },
      { width: 256, bits: 32, content: bitmap('c') },
    ]);
    const found = await compareAllWays(two, other);
    expect(found.kind).toBe('ico');
    expect(found.children.map(({ path }) => path)).toEqual(['picture 2, 256x256']);
  });

  it('names pictures of one side, and what is said of them', async () => {
    const found = await compareAllWays(two, icon([{ width: 16, bits: 24, content: bitmap('a') }]));
    expect(found.fields).toEqual([
      { name: 'pictures', left: '16x16 (8 bits), 256x256 (32 bits)', right: '16x16 (24 bits)' },
    ]);
    const cursor = await compareAllWays(icon([{ width: 16, bits: 8, content: bitmap('a') }], 2), two);
    expect(cursor.fields).toContainEqual({ name: 'kind', left: 'cursor', right: 'icon' });
  });

  it('takes nothing for an icon that only begins like one', async () => {
    const other = Buffer.from([
      0,
      0,
      1,
      0,
      1,
      0,
      16,
      16,
      0,
      0,
      1,
      0,
      8,
      0,
      9,
      0,
      0,
      0,
      22,
      0,
      0,
      0,
      ...Buffer.from('no picture'),
    ]);
    expect((await compareAllWays(other, Buffer.concat([other, other]))).kind).toBe('bytes');
    expect(() => readIco(other.subarray(0, 21))).toThrow(expect.objectContaining({ code: 'FORMAT_MALFORMED' }));
  });

  it('never throws and never says equal, wherever one is cut or broken', () => survivesDamage(two));
});
