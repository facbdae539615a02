import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { pngChunk, readPng, readPngPixels, readPngText, writePng } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';
import { smallPng } from '../helpers/small-png.ts';

const limits = { chunks: 20, pixels: 1000 };
const width = 11;
const height = 9;

/** A number that looks random, below `below`. */
const sampleOf = (column: number, row: number, sample: number, below: number): number =>
  (((column * 7919) ^ (row * 104_729) ^ (sample * 1_299_709)) >>> 3) % below;

const palette = Buffer.from(Array.from({ length: 256 * 3 }, (_, index) => (index * 37) & 0xff));
const alphas = Buffer.from(Array.from({ length: 3 }, (_, index) => index * 100));

/** What the samples of each color type stand for, as red, green, blue, alpha. */
const meaning: Readonly<Record<number, (samples: readonly number[], most: number) => readonly number[]>> = {
  0: ([gray = 0], most) => {
    const value = most < 255 ? Math.round((gray * 255) / most) : gray;
    return [value, value, value, gray === 1 ? 0 : Math.max(255, most)];
  },
  2: (color, most) => [...color, color.join() === '1,2,3' ? 0 : most],
  3: ([index = 0]) => [...palette.subarray(index * 3, index * 3 + 3), alphas[index] ?? 255],
  4: ([gray = 0, alpha = 0]) => [gray, gray, gray, alpha],
  6: (color) => color,
};
const transparency: Readonly<Record<number, readonly Buffer[]>> = {
  0: [pngChunk('tRNS', Buffer.from([0, 1]))],
  2: [pngChunk('tRNS', Buffer.from([0, 1, 0, 2, 0, 3]))],
  3: [pngChunk('PLTE', palette), pngChunk('tRNS', alphas)],
};
const kinds = [
  ...[1, 2, 4, 8, 16].map((depth) => [0, depth, 1] as const),
  ...[8, 16].map((depth) => [2, depth, 3] as const),
  ...[1, 2, 4, 8].map((depth) => [3, depth, 1] as const),
  ...[8, 16].map((depth) => [4, depth, 2] as const),
  ...[8, 16].map((depth) => [6, depth, 4] as const),
];

describe('reading the pixels of a PNG file', () => {
  for (const interlace of [0, 1])
    it.each(kinds)(
      `gives each pixel of color type %i at %i bits, interlace ${interlace}`,
      (colorType, bitDepth, count) => {
        const samples = (column: number, row: number): readonly number[] =>
          colorType === 2 && column === 4
            ? [1, 2, 3]
            : Array.from({ length: count }, (_, sample) => sampleOf(column, row, sample, 2 ** bitDepth));
        for (let firstFilter = 0; firstFilter < 5; firstFilter++) {
          const before = transparency[colorType] ?? [];
          const bytes = smallPng({ width, height, bitDepth, colorType, interlace, samples, before, firstFilter });
          const { rgba, deep } = readPngPixels(readPng(bytes, limits), limits);
          const expected = Array.from({ length: width * height }, (_, at) =>
            meaning[colorType]?.(samples(at % width, Math.floor(at / width)), 2 ** bitDepth - 1),
          ).flat();
          expect(deep).toBe(bitDepth === 16);
          expect(expected.map((_, at) => (deep ? rgba.readUInt16BE(at * 2) : rgba[at]))).toEqual(expected);
        }
      },
    );

  it('gives pictures smaller than the passes of interlacing', () => {
    for (const [wide, high] of [
      [1, 1],
      [1, 5],
      [5, 1],
      [3, 2],
    ] as const) {
      const samples = (column: number, row: number): readonly number[] => [column * 10 + row];
      const bytes = smallPng({ width: wide, height: high, bitDepth: 8, colorType: 0, interlace: 1, samples });
      const { rgba } = readPngPixels(readPng(bytes, limits), limits);
      expect([...rgba].filter((_, index) => index % 4 === 0)).toEqual(
        Array.from({ length: wide * high }, (_, at) => (at % wide) * 10 + Math.floor(at / wide)),
      );
    }
  });

  it('reads what it writes', () => {
    const pixels = Uint8Array.from({ length: 12 }, (_, index) => index % 3);
    const bytes = writePng({ width: 4, height: 3, palette: [0x010203, 0xff0000, 0x00ff00], pixels });
    const { rgba } = readPngPixels(readPng(bytes, limits), limits);
    expect(rgba.toString('hex', 0, 16)).toBe('010203ffff0000ff00ff00ff010203ff');
  });

  const plain = { width: 10, height: 10, bitDepth: 8, colorType: 0, interlace: 0, samples: () => [7] };
  const pixelsOf = (file: Buffer, pixels = 100): unknown => readPngPixels(readPng(file, limits), { pixels });

  it('stops at its limits', () => {
    expect(pixelsOf(smallPng(plain))).toBeDefined();
    expect(() => pixelsOf(smallPng(plain), 99)).toThrow(expect.objectContaining({ code: 'FORMAT_LIMIT' }));
    expect(readPng(smallPng(plain), { chunks: 4 }).chunks).toHaveLength(4);
    expect(() => readPng(smallPng(plain), { chunks: 3 })).toThrow(expect.objectContaining({ code: 'FORMAT_LIMIT' }));
  });

  it.each([
    ['a palette that lacks a color', smallPng({ ...plain, colorType: 3, before: [pngChunk('PLTE', Buffer.alloc(6))] })],
    ['an unknown color type', smallPng({ ...plain, colorType: 5 })],
    ['an unknown interlacing', smallPng({ ...plain, interlace: 2 })],
    ['a depth the color type has not', smallPng({ ...plain, colorType: 2, bitDepth: 4 })],
    ['fewer pixels than it tells', smallPng({ ...plain, samples: (_, row) => (row < 9 ? [7] : []) })],
    ['no picture at all', smallPng({ ...plain, width: 0, samples: () => [] })],
  ])('refuses %s', (_, bytes) => {
    expect(() => pixelsOf(bytes)).toThrow(expect.objectContaining({ code: 'FORMAT_MALFORMED' }));
  });

  it('refuses a file that is cut anywhere, and one with any byte changed is at most refused', () => {
    const whole = smallPng({ ...plain, samples: (column, row) => [column ^ row] });
    for (let offset = 0; offset < whole.length; offset++) {
      expect(() => readPng(whole.subarray(0, offset), limits)).toThrow(
        expect.objectContaining({ code: 'FORMAT_MALFORMED' }),
      );
      const broken = Buffer.from(whole);
      broken[offset] = (broken[offset] as number) ^ 0xff;
      try {
        pixelsOf(broken);
      } catch (error) {
        if (!isReproofError(error, 'FORMAT_MALFORMED', 'FORMAT_LIMIT')) throw error;
      }
    }
  });
});

describe('reading the texts of a PNG file', () => {
  const textOf = (type: string, data: string | Buffer): unknown => {
    const chunk = { type, offset: 0, data: Buffer.from(data), crc: 0, intact: true };
    return readPngText(chunk, 100);
  };
  const packed = deflateSync('text é');

  it('unpacks each kind', () => {
    expect(textOf('tEXt', 'key\0text')).toEqual({ keyword: 'key', text: 'text' });
    expect(textOf('zTXt', Buffer.concat([Buffer.from('key\0\0'), deflateSync('text')]))).toEqual({
      keyword: 'key',
      text: 'text',
    });
    expect(textOf('iTXt', 'key\0\0\0de\0Schl\0text é')).toEqual({ keyword: 'key', text: 'text é' });
    const wrapped = Buffer.concat([Buffer.from('key\0\x01\0\0\0', 'latin1'), packed]);
    expect(textOf('iTXt', wrapped)).toEqual({ keyword: 'key', text: 'text é' });
  });

  it('gives nothing for broken ones and for what unpacks to more than the limit', () => {
    expect(textOf('tEXt', 'no end')).toBeUndefined();
    expect(textOf('iTXt', 'key\0\0\0no end')).toBeUndefined();
    expect(textOf('zTXt', Buffer.concat([Buffer.from('key\0\0'), packed.subarray(0, 5)]))).toBeUndefined();
    expect(textOf('zTXt', Buffer.concat([Buffer.from('key\0\0'), deflateSync('x'.repeat(101))]))).toBeUndefined();
  });
});
