import { inflateSync } from 'node:zlib';
import { ReproofError } from '../model/index.ts';
import type { PngFile } from './png.ts';

/** Pixels row by row from the top left, each as red, green, blue, alpha, of one byte each or, with `deep`, two. */
export type Pixels = {
  readonly width: number;
  readonly height: number;
  readonly deep: boolean;
  readonly rgba: Buffer;
};

/** Samples of a pixel by color type, and the bit depths allowed. */
const COLOR_TYPES: Readonly<Record<number, { readonly samples: number; readonly depths: readonly number[] }>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};

/** First column and row and the steps between, of each pass of Adam7; a plain picture has one pass of all pixels. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const PLAIN = [[0, 0, 1, 1]] as const;

type Pass = {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly columns: number;
  readonly rows: number;
};

/**
 * The pixels of a PNG file as samples of one shape, whatever its color type, depth and interlacing: palettes looked up,
 * tRNS made alpha, nothing corrected for gamma. Throws FORMAT_MALFORMED for broken data, FORMAT_LIMIT above
 * `limits.pixels`.
 */
export function readPngPixels(file: PngFile, limits: { readonly pixels: number }): Pixels {
  const { width, height, bitDepth, colorType, interlace } = file.header;
  if (width * height > limits.pixels)
    throw new ReproofError('FORMAT_LIMIT', `reading pixels of PNG file: more than ${limits.pixels}`, {
      context: { limit: 'pixels', value: limits.pixels },
    });
  const color = COLOR_TYPES[colorType];
  if (color === undefined || !color.depths.includes(bitDepth) || interlace > 1) throw malformed('color type');
  const passes = (interlace === 1 ? ADAM7 : PLAIN).map(([x, y, dx, dy]) => ({
    ...{ x, y, dx, dy },
    columns: Math.ceil((width - x) / dx),
    rows: Math.ceil((height - y) / dy),
  }));
  const bits = color.samples * bitDepth;
  const rowBytes = (pass: Pass): number =>
    pass.columns > 0 && pass.rows > 0 ? 1 + Math.ceil((pass.columns * bits) / 8) : 0;
  const expected = passes.reduce((sum, pass) => sum + rowBytes(pass) * Math.max(0, pass.rows), 0);
  const raw = inflate(
    Buffer.concat(file.chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)),
    expected,
  );
  const deep = bitDepth === 16;
  const pixels = { width, height, deep, rgba: Buffer.alloc(width * height * (deep ? 8 : 4)) };
  const expand = deep ? deepExpander(file, pixels) : expander(file, pixels);
  let offset = 0;
  for (const pass of passes) {
    const size = rowBytes(pass);
    let above: Buffer = Buffer.alloc(Math.max(0, size - 1));
    for (let row = 0; size > 0 && row < pass.rows; row++, offset += size) {
      const line = raw.subarray(offset + 1, offset + size);
      unfilter(raw[offset] as number, line, { above, step: Math.max(1, bits >> 3) });
      above = line;
      const start = (pass.y + row * pass.dy) * width + pass.x;
      for (let column = 0; column < pass.columns; column++) expand(line, column, start + column * pass.dx);
    }
  }
  return pixels;
}

/** Puts the pixel at `column` of a line to the place `at`. */
type Expand = (line: Buffer, column: number, at: number) => void;

function expander({ header, chunks }: PngFile, { rgba }: Pixels): Expand {
  const { bitDepth, colorType } = header;
  const most = 2 ** bitDepth - 1;
  const samples = COLOR_TYPES[colorType]?.samples ?? 1;
  const find = (type: string): Buffer => chunks.find((chunk) => chunk.type === type)?.data ?? Buffer.alloc(0);
  const [palette, alpha] = [find('PLTE'), find('tRNS')];
  const clear = (index: number): number => (alpha.length >= index * 2 + 2 ? alpha.readUInt16BE(index * 2) : -1);
  const [clearRed, clearGreen, clearBlue] = colorType === 3 ? [-1, -1, -1] : [clear(0), clear(1), clear(2)];
  const put = (at: number, color: number, opacity: number): void => {
    rgba.writeUInt32BE(((color << 8) | opacity) >>> 0, at * 4);
  };
  return (line, column, at) => {
    if (bitDepth < 8 || colorType === 3) {
      const bit = column * bitDepth;
      const value = ((line[bit >> 3] as number) >> (8 - bitDepth - (bit & 7))) & most;
      if (colorType === 0) {
        const gray = Math.round((value * 255) / most);
        put(at, gray * 0x010101, value === clearRed ? 0 : 255);
      } else {
        if (value * 3 + 3 > palette.length) throw malformed('a color outside of the palette');
        put(at, palette.readUIntBE(value * 3, 3), alpha[value] ?? 255);
      }
      return;
    }
    const first = column * samples;
    const one = line[first] as number;
    if (samples <= 2) {
      put(at, one * 0x010101, samples === 2 ? (line[first + 1] as number) : one === clearRed ? 0 : 255);
      return;
    }
    const [green, blue] = [line[first + 1] as number, line[first + 2] as number];
    const isClear = samples === 3 && one === clearRed && green === clearGreen && blue === clearBlue;
    put(at, (one << 16) | (green << 8) | blue, samples === 4 ? (line[first + 3] as number) : isClear ? 0 : 255);
  };
}

function deepExpander({ header, chunks }: PngFile, { rgba }: Pixels): Expand {
  const samples = COLOR_TYPES[header.colorType]?.samples ?? 1;
  const colors = samples < 3 ? 1 : 3;
  const clear = chunks.find((chunk) => chunk.type === 'tRNS')?.data.subarray(0, colors * 2);
  return (line, column, at) => {
    const pixel = line.subarray(column * samples * 2, (column + 1) * samples * 2);
    for (let sample = 0; sample < 3; sample++)
      pixel.copy(rgba, at * 8 + sample * 2, colors === 1 ? 0 : sample * 2, (colors === 1 ? 0 : sample * 2) + 2);
    if (samples > colors) pixel.copy(rgba, at * 8 + 6, colors * 2);
    else if (clear === undefined || !pixel.equals(clear)) rgba.writeUInt16BE(0xffff, at * 8 + 6);
  };
}

/** Undoes the filter of one line in place (chapter 9). `step` is the bytes of a whole pixel. */
function unfilter(filter: number, line: Buffer, { above, step }: { above: Buffer; step: number }): void {
  if (filter > 4) throw malformed('filter type');
  if (filter === 0) return;
  for (let index = 0; index < line.length; index++) {
    const left = index >= step ? (line[index - step] as number) : 0;
    const up = above[index] as number;
    const corner = index >= step ? (above[index - step] as number) : 0;
    const guess = filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner);
    line[index] = ((line[index] as number) + guess) & 0xff;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [byLeft, byUp, byCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (byLeft <= byUp && byLeft <= byCorner) return left;
  return byUp <= byCorner ? up : corner;
}

function inflate(packed: Buffer, expected: number): Buffer {
  let raw: Buffer;
  try {
    raw = inflateSync(packed, { maxOutputLength: expected + 1 });
  } catch (cause) {
    throw malformed('compressed pixels', cause);
  }
  if (raw.length < expected) throw malformed('pixels cut short');
  return raw;
}

function malformed(what: string, cause?: unknown): ReproofError {
  return new ReproofError('FORMAT_MALFORMED', `reading pixels of PNG file: ${what}`, { cause });
}
