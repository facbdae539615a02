import { type Pixels, writePng } from '../../../formats/index.ts';
import type { Picture } from '../../../model/index.ts';

/** Which pixels of two pictures of one size differ. */
export type PixelDifference = {
  readonly count: number;
  /** Those of them that are wholly transparent on both sides: they look alike. */
  readonly hidden: number;
  /** The smallest rectangle that holds them all: columns and rows from the top left, both ends included. */
  readonly box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  /** The most that a sample of a pixel differs by, out of 255 or, in a deep picture, 65,535. */
  readonly most: number;
  readonly picture: Picture;
};

const LONGEST_SIDE = 512;
const MARK = 255;
/** Grays from dark to white, and red for what differs. */
const PALETTE = Array.from({ length: 256 }, (_, index) => (index === MARK ? 0xdd0000 : index * 0x010101));

/** Compares pixel by pixel; undefined when all are equal. Both must have one width and height. */
export function pixelDifference(left: Pixels, right: Pixels): PixelDifference | undefined {
  const deep = left.deep || right.deep;
  const [old, now] = [samplesOf(left, deep), samplesOf(right, deep)];
  const { width, height } = left;
  const shrink = Math.ceil(Math.max(width, height) / LONGEST_SIDE);
  const [columns, rows] = [Math.ceil(width / shrink), Math.ceil(height / shrink)];
  const small = new Uint8Array(columns * rows);
  const box = { left: width, top: height, right: -1, bottom: -1 };
  let [count, hidden, most] = [0, 0, 0];
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at += 4) {
      const place = Math.floor(row / shrink) * columns + Math.floor(column / shrink);
      const apart = Math.max(
        Math.abs((old[at] as number) - (now[at] as number)),
        Math.abs((old[at + 1] as number) - (now[at + 1] as number)),
        Math.abs((old[at + 2] as number) - (now[at + 2] as number)),
        Math.abs((old[at + 3] as number) - (now[at + 3] as number)),
      );
      if (apart === 0) {
        if (small[place] !== MARK) small[place] = faded(old, at, deep);
        continue;
      }
      small[place] = MARK;
      count++;
      if (old[at + 3] === 0 && now[at + 3] === 0) hidden++;
      most = Math.max(most, apart);
      box.left = Math.min(box.left, column);
      box.right = Math.max(box.right, column);
      box.top = Math.min(box.top, row);
      box.bottom = row;
    }
  }
  if (count === 0) return undefined;
  const bytes = writePng({ width: columns, height: rows, palette: PALETTE, pixels: small });
  const alt = `${count} of ${width * height} pixels differ: they are red${shrink === 1 ? '' : `, at 1/${shrink} of the size`}`;
  return { count, hidden, box, most, picture: { mediaType: 'image/png', base64: bytes.toString('base64'), alt } };
}

/** Samples of 8 bits, or all of 16 where one picture has them: 0x12 is then 0x1212, as the PNG specification scales. */
function samplesOf({ rgba, deep: has, width, height }: Pixels, deep: boolean): Uint8Array | Uint16Array {
  if (!deep) return rgba;
  const samples = new Uint16Array(width * height * 4);
  for (let index = 0; index < samples.length; index++)
    samples[index] = has ? rgba.readUInt16BE(index * 2) : (rgba[index] as number) * 257;
  return samples;
}

/** A pixel both sides share, on white, as a light gray that leaves the red to be seen. */
function faded(samples: Uint8Array | Uint16Array, at: number, deep: boolean): number {
  const [red, green, blue, alpha] = samples.subarray(at, at + 4) as unknown as [number, number, number, number];
  const full = deep ? 65535 : 255;
  const dark = 1 - (0.3 * red + 0.6 * green + 0.1 * blue) / full;
  return Math.round(254 - 110 * dark * (alpha / full));
}
