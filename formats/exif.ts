import { ByteCursor } from './byte-cursor.ts';

/** A tag of the Exif or TIFF directories: its name, or its number, and its value in words. */
export type ExifTag = { readonly name: string; readonly value: string };

const NAMES: Readonly<Record<number, string>> = {
  270: 'ImageDescription',
  271: 'Make',
  272: 'Model',
  274: 'Orientation',
  305: 'Software',
  306: 'DateTime',
  315: 'Artist',
  316: 'HostComputer',
  33432: 'Copyright',
  36864: 'ExifVersion',
  36867: 'DateTimeOriginal',
  36868: 'DateTimeDigitized',
  37500: 'MakerNote',
  37510: 'UserComment',
  42016: 'ImageUniqueID',
};
/** Tags that hold the place of another directory: Exif, GPS, interoperability. */
const DIRECTORIES = new Set([34665, 34853, 40965]);
/** Bytes of a value of each type. */
const SIZES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
};
const SHOWN_BYTES = 4096;
/** A camera writes five; each may be named by a tag of any other. */
const MOST_DIRECTORIES = 16;

/**
 * The tags of all directories of a TIFF structure, such as an APP1 segment holds behind `Exif` (CIPA DC-008, 4.5 and
 * 4.6). Each directory is read once; at most `limits.tags` tags. Throws FORMAT_MALFORMED.
 */
export function readExif(tiff: Uint8Array, limits: { readonly tags: number }): readonly ExifTag[] {
  const cursor = new ByteCursor(tiff, { what: 'Exif data' });
  const order = cursor.take(2, 'byte order').toString('latin1');
  if (order !== 'II' && order !== 'MM') cursor.fail('byte order');
  cursor.little = order === 'II';
  if (cursor.u16('mark') !== 42) cursor.fail('mark');
  const tags: ExifTag[] = [];
  const directories = new Set([cursor.u32('place of the first directory')]);
  for (const place of directories) {
    if (place === 0) continue;
    const count = cursor.seek(place).u16('count of tags');
    for (let index = 0; index < count && tags.length < limits.tags; index++) {
      const [tag, value] = readTag(cursor.seek(place + 2 + index * 12));
      if (!DIRECTORIES.has(tag)) tags.push({ name: NAMES[tag] ?? `tag 0x${tag.toString(16).padStart(4, '0')}`, value });
      else if (directories.size < MOST_DIRECTORIES) directories.add(Number(value));
    }
    if (tags.length < limits.tags && directories.size < MOST_DIRECTORIES)
      directories.add(cursor.seek(place + 2 + count * 12).u32('place of the next directory'));
  }
  return tags;
}

function readTag(cursor: ByteCursor): readonly [number, string] {
  const [tag, type, count] = [cursor.u16('tag'), cursor.u16('type of a tag'), cursor.u32('count of values')];
  const size = (SIZES[type] ?? 0) * count;
  if (size > 4) cursor.seek(cursor.u32('place of a value'));
  const bytes = cursor.take(Math.min(size, SHOWN_BYTES), 'value of a tag');
  if (type === 2) return [tag, bytes.toString('latin1').replace(/\0+$/, '')];
  const values = new ByteCursor(bytes, { what: 'Exif data', little: cursor.little });
  if (type === 3 && size <= 64) return [tag, Array.from({ length: count }, () => values.u16()).join(' ')];
  if (type === 4 && size <= 64) return [tag, Array.from({ length: count }, () => values.u32()).join(' ')];
  return [tag, `${bytes.toString('hex', 0, 64)}${size > 64 ? `… (${size} bytes)` : ''}`];
}
