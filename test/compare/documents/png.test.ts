import { describe, expect, it } from 'vitest';
import { pngChunk, readPng, readPngPixels } from '../../../formats/index.ts';
import { compareAllWays, reasonsOf, survivesDamage } from '../../helpers/compare-bytes.ts';
import { type SmallPng, smallPng } from '../../helpers/small-png.ts';

const plain: SmallPng = {
  width: 20,
  height: 10,
  bitDepth: 8,
  colorType: 2,
  interlace: 0,
  samples: (column, row) => [column, row, 9],
};
const png = (change: Partial<SmallPng> = {}): Buffer => smallPng({ ...plain, ...change });
const time = (second: number): Buffer => pngChunk('tIME', Buffer.from([7, 234, 1, 2, 3, 4, second]));
const text = (value: string): Buffer => pngChunk('tEXt', Buffer.from(value, 'latin1'));

describe('explaining how two PNG pictures differ', () => {
  it('names the chunks beside the pixels, their dates and programs', async () => {
    const found = await compareAllWays(
      png({ before: [time(5), text('Software\0tool 1'), text('a\0b')] }),
      png({ before: [time(6), text('Software\0tool 2')] }),
    );
    expect(found).toMatchObject({
      kind: 'png',
      detail: 'the same pixels: their bytes are equal',
      fields: [
        { name: 'tEXt Software', left: 'tool 1', right: 'tool 2' },
        { name: 'tEXt a', left: 'b' },
        { name: 'tIME', left: '2026-01-02 03:04:05', right: '2026-01-02 03:04:06' },
      ],
    });
    expect(reasonsOf(found).map(({ kind }) => kind)).toEqual(['timestamp', 'version-text', 'metadata']);
    expect(found.children[0]?.diff).toContain('-tEXt 3 bytes, checksum');
  });

  it('says that the same image data is cut otherwise, which is no chunk beside it', async () => {
    const whole = png();
    const { chunks } = readPng(whole, { chunks: 10 });
    const cut = (...more: Buffer[]): Buffer =>
      Buffer.concat([
        whole.subarray(0, 8),
        ...chunks.flatMap(({ type, data }) =>
          type === 'IDAT'
            ? [data.subarray(0, 9), data.subarray(9)].map((piece) => pngChunk(type, piece))
            : [pngChunk(type, data)],
        ),
        ...more,
      ]);
    const reasons = async (right: Buffer): Promise<readonly string[]> =>
      reasonsOf(await compareAllWays(whole, right)).map(({ kind, evidence }) => `${kind}: ${evidence}`);
    const layout = 'layout: the same image data, cut into chunks otherwise';
    expect(await reasons(cut())).toEqual([layout]);
    expect(await reasons(cut(Buffer.from('x')))).toEqual([layout, 'metadata: chunks beside the pixels differ']);
  });

  it.each<[string, Partial<SmallPng>]>([
    ['compressed', { level: 0 }],
    ['filtered', { firstFilter: 3 }],
    ['interlaced', { interlace: 1 }],
    ['stored with alpha', { colorType: 6, samples: (column, row) => [column, row, 9, 255] }],
    ['stored in 16 bits', { bitDepth: 16, samples: (column, row) => [column * 257, row * 257, 9 * 257] }],
  ])('says the same pixels of a picture %s otherwise', async (_, change) => {
    const found = await compareAllWays(png(), png(change));
    expect(found.detail).toBe('the same pixels, stored otherwise');
    expect(found.picture).toBeUndefined();
    expect(reasonsOf(found)).toEqual([{ kind: 'compression', evidence: 'the unpacked pixels are equal' }]);
  });

  it('says of pixels that nobody sees on either side that they look alike', async () => {
    const of = (hidden: number): Buffer =>
      png({ colorType: 6, samples: (column) => [column === 0 ? hidden : 7, 7, 9, column < 2 ? 0 : 255] });
    const found = await compareAllWays(of(1), of(2));
    expect(found.detail).toContain('10 of 200 pixels differ');
    expect(found.notes).toEqual(['10 of the pixels that differ are transparent on both sides: they look alike']);
  });

  it('counts the pixels that differ, and draws where they are', async () => {
    const dots = new Set(['3,2', '7,5', '7,6']);
    const dotted = png({
      samples: (column, row) => (dots.has(`${column},${row}`) ? [255, row, 9] : [column, row, 9]),
    });
    const found = await compareAllWays(png(), dotted);
    expect(found.detail).toBe('3 of 200 pixels differ, by up to 252, in columns 3 to 7, rows 2 to 6');
    expect(found.picture?.alt).toBe('3 of 200 pixels differ: they are red');
    const drawn = readPng(Buffer.from(found.picture?.base64 ?? '', 'base64'), { chunks: 10 });
    const { width, rgba } = readPngPixels(drawn, { pixels: 1000 });
    const red = Array.from({ length: 200 }, (_, at) => at).filter((at) => rgba.readUInt32BE(at * 4) === 0xdd0000ff);
    expect(red.map((at) => `${at % width},${Math.floor(at / width)}`)).toEqual([...dots]);
  });

  it('shrinks the drawing of a large picture, and loses no pixel that differs', async () => {
    const of = (gray: number): Buffer =>
      smallPng({ ...plain, width: 1300, height: 3, colorType: 0, samples: (column) => [column === 1299 ? gray : 7] });
    const found = await compareAllWays(of(8), of(9));
    expect(found.picture?.alt).toBe('3 of 3900 pixels differ: they are red, at 1/3 of the size');
    const drawn = readPng(Buffer.from(found.picture?.base64 ?? '', 'base64'), { chunks: 10 });
    const { width, height, rgba } = readPngPixels(drawn, { pixels: 1000 });
    expect([width, height, rgba.readUInt32BE(433 * 4)]).toEqual([434, 1, 0xdd0000ff]);
  });

  it('leaves the drawing out where the report has no room for it', async () => {
    const found = await compareAllWays(png(), png({ samples: () => [0, 0, 0] }), { limits: { reportBytes: 10 } });
    expect(found).toMatchObject({ truncated: true, detail: expect.stringContaining('pixels differ') });
    expect(found.picture).toBeUndefined();
  });

  it('says that the sizes differ', async () => {
    const found = await compareAllWays(png(), png({ width: 19 }));
    expect(found.fields).toEqual([{ name: 'width', left: '20', right: '19' }]);
    expect(reasonsOf(found)).toEqual([{ kind: 'data', evidence: 'pictures of different sizes' }]);
  });

  it('tells what is wrong with a file and what follows its end', async () => {
    const wrong = png({ before: [time(5)] });
    wrong.writeUInt8(0, wrong.indexOf('tIME') - 4 + 4 + 4 + 7);
    const found = await compareAllWays(png({ before: [time(5)] }), Buffer.concat([wrong, Buffer.from('more')]));
    expect(found.fields).toEqual([
      { name: 'bytes behind the end', right: '6d6f7265' },
      { name: 'tIME checksum', right: 'does not fit' },
    ]);
  });

  it('says so when the pixels cannot be read', async () => {
    const found = await compareAllWays(png(), png({ bitDepth: 4 }));
    expect(found.notes).toEqual(['the pixels could not be compared: FORMAT_MALFORMED']);
  });

  it('says something else than identical wherever a file is cut or broken', async () => {
    await survivesDamage(png({ before: [time(5), text('a\0b')] }), 3);
  });
});
