import { deflateSync } from 'node:zlib';
import { pngChunk } from '../../formats/index.ts';

export type SmallPng = {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  readonly colorType: number;
  readonly interlace: number;
  /** The samples of a pixel, as many as the color type has. */
  readonly samples: (column: number, row: number) => readonly number[];
  /** Chunks between the header and the pixels. */
  readonly before?: readonly Buffer[];
  /** The filter of the first row; each next row has the next of the five. */
  readonly firstFilter?: number;
  readonly level?: number;
};

const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** A PNG file made from its pixels, with every filter in use. */
export function smallPng(png: SmallPng): Buffer {
  const { width, height, bitDepth, colorType, interlace, firstFilter = 0, level = 6 } = png;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, colorType, 0, 0, interlace], 8);
  const lines: Buffer[] = [];
  let filter = firstFilter;
  for (const [x, y, dx, dy] of interlace === 1 ? PASSES : ([[0, 0, 1, 1]] as const)) {
    let above: Buffer | undefined;
    for (let row = y; row < height; row += dy) {
      const samples: number[] = [];
      for (let column = x; column < width; column += dx) samples.push(...png.samples(column, row));
      if (samples.length === 0) continue;
      const line = packed(samples, bitDepth);
      const step = Math.max(1, (png.samples(0, 0).length * bitDepth) >> 3);
      lines.push(filtered(filter++ % 5, line, above ?? Buffer.alloc(line.length), step));
      above = line;
    }
  }
  const data = deflateSync(Buffer.concat(lines), { level });
  const half = data.length >> 1;
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', header),
    ...(png.before ?? []),
    pngChunk('IDAT', data.subarray(0, half)),
    pngChunk('IDAT', data.subarray(half)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function packed(samples: readonly number[], bitDepth: number): Buffer {
  const line = Buffer.alloc(Math.ceil((samples.length * bitDepth) / 8));
  for (const [index, sample] of samples.entries()) {
    if (bitDepth === 16) line.writeUInt16BE(sample, index * 2);
    else
      line[(index * bitDepth) >> 3] =
        (line[(index * bitDepth) >> 3] as number) | (sample << (8 - bitDepth - ((index * bitDepth) & 7)));
  }
  return line;
}

function filtered(filter: number, line: Buffer, above: Buffer, step: number): Buffer {
  const guess = (index: number): number => {
    const [a, b, c] = [line[index - step] ?? 0, above[index] ?? 0, above[index - step] ?? 0];
    if (filter < 2) return filter * a;
    if (filter < 4) return filter === 2 ? b : Math.floor((a + b) / 2);
    const near = [a, b, c].map((one) => Math.abs(a + b - c - one));
    return [a, b, c][near.indexOf(Math.min(...near))] as number;
  };
  return Buffer.from([filter, ...line.map((byte, index) => byte - guess(index))]);
}
