import { describe, expect, it } from 'vitest';
import { jpegMarkerName, readExif, readJpeg } from '../../../formats/index.ts';
import { compareAllWays, nodesOf, reasonsOf, survivesDamage } from '../../helpers/compare-bytes.ts';

const segment = (marker: number, data: Buffer | string): Buffer => {
  const bytes = Buffer.from(data as string, 'latin1');
  const size = bytes.length + 2;
  return Buffer.concat([Buffer.from([0xff, marker, size >> 8, size & 0xff]), bytes]);
};
const START = Buffer.from('ffd8', 'hex');
const END = Buffer.from('ffd9', 'hex');
const frame = segment(0xc0, Buffer.from('0800100020010111000000', 'hex'));
const scan = (data = '01ff0002ffd003'): Buffer =>
  Buffer.concat([segment(0xda, '\x01\x01\0\0\x3f\0'), Buffer.from(data, 'hex')]);
const jpeg = (...before: readonly Buffer[]): Buffer => Buffer.concat([START, ...before, frame, scan(), END]);

/** An Exif segment of one directory with texts, and a second one that the first names. */
function exif(order: 'II' | 'MM', texts: Readonly<Record<number, string>>): Buffer {
  const little = order === 'II';
  const number = (value: number, size: number): Buffer => {
    const bytes = Buffer.alloc(size);
    if (little) bytes.writeUIntLE(value, 0, size);
    else bytes.writeUIntBE(value, 0, size);
    return bytes;
  };
  const tags = Object.entries(texts);
  const values = 8 + 2 + (tags.length + 2) * 12 + 4;
  let place = values;
  const entries = tags.map(([tag, text]) => {
    const entry = Buffer.concat([number(Number(tag), 2), number(2, 2), number(text.length + 1, 4), number(place, 4)]);
    place += text.length + 1;
    return entry;
  });
  const orientation = Buffer.concat([number(274, 2), number(3, 2), number(1, 4), number(6, 2), number(0, 2)]);
  const inner = Buffer.concat([number(34665, 2), number(4, 2), number(1, 4), number(place, 4)]);
  const second = Buffer.concat([
    number(1, 2),
    number(36864, 2),
    number(7, 2),
    number(4, 4),
    Buffer.from('0232'),
    number(8, 4),
  ]);
  const all = [
    Buffer.from(order),
    number(42, 2),
    number(8, 4),
    number(tags.length + 2, 2),
    ...entries,
    orientation,
    inner,
    number(0, 4),
  ];
  return Buffer.concat([...all, ...tags.map(([, text]) => Buffer.from(`${text}\0`)), second]);
}
const exifSegment = (tiff: Buffer): Buffer => segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), tiff]));

describe('reading a JPEG file', () => {
  it('gives segments, the picture data with its restarts, and what follows the end', () => {
    const file = readJpeg(Buffer.concat([jpeg(segment(0xfe, 'note')), Buffer.from('more')]), { segments: 3 });
    expect(
      file.segments.map(({ marker, data, scan: picture }) => [
        jpegMarkerName(marker),
        data.length,
        picture.toString('hex'),
      ]),
    ).toEqual([
      ['COM', 4, ''],
      ['SOF0', 11, ''],
      ['SOS', 6, '01ff0002ffd003'],
    ]);
    expect(file.trailing.toString()).toBe('more');
    expect(() => readJpeg(jpeg(segment(0xfe, 'note')), { segments: 2 })).toThrow(
      expect.objectContaining({ code: 'FORMAT_LIMIT' }),
    );
  });

  it('refuses a file that is cut anywhere', () => {
    const whole = jpeg(segment(0xfe, 'note'));
    for (let length = 0; length < whole.length; length++)
      expect(() => readJpeg(whole.subarray(0, length), { segments: 9 })).toThrow(
        expect.objectContaining({ code: 'FORMAT_MALFORMED' }),
      );
  });
});

describe('reading Exif tags', () => {
  it.each(['II', 'MM'] as const)('gives those of every directory, byte order %s', (order) => {
    expect(readExif(exif(order, { 305: 'tool 1', 306: '2026:01:02 03:04:05' }), { tags: 10 })).toEqual([
      { name: 'Software', value: 'tool 1' },
      { name: 'DateTime', value: '2026:01:02 03:04:05' },
      { name: 'Orientation', value: '6' },
      { name: 'ExifVersion', value: '30323332' },
    ]);
  });

  it('stops at its limit, and refuses what is cut', () => {
    const whole = exif('II', { 305: 'tool' });
    expect(readExif(whole, { tags: 1 })).toHaveLength(1);
    for (let length = 0; length < whole.length - 4; length++)
      expect(() => readExif(whole.subarray(0, length), { tags: 9 })).toThrow(
        expect.objectContaining({ code: 'FORMAT_MALFORMED' }),
      );
  });
});

describe('explaining how two JPEG pictures differ', () => {
  it('names dates, programs and comments, and says that the picture is the same', async () => {
    const of = (second: number, tool: string): Buffer =>
      jpeg(exifSegment(exif('MM', { 305: tool, 306: `2026:01:02 03:04:0${second}` })), segment(0xfe, `by ${tool}`));
    const found = await compareAllWays(of(5, 'tool 1'), of(6, 'tool 2'));
    expect(found).toMatchObject({
      kind: 'jpeg',
      detail: 'the same compressed picture',
      fields: [
        { name: 'Exif DateTime', left: '2026:01:02 03:04:05', right: '2026:01:02 03:04:06' },
        { name: 'Exif Software', left: 'tool 1', right: 'tool 2' },
        { name: 'comment', left: 'by tool 1', right: 'by tool 2' },
      ],
    });
    expect(reasonsOf(found).map(({ kind }) => kind)).toEqual(['timestamp', 'version-text', 'version-text', 'metadata']);
    expect(nodesOf(found)).toEqual(['file | jpeg | the same compressed picture', 'segments | view | ']);
  });

  it('takes a comment for the name of a program only where it reads like one', async () => {
    const of = (comment: string): Buffer => jpeg(segment(0xfe, comment));
    const kinds = async (left: string, right: string): Promise<readonly string[]> =>
      reasonsOf(await compareAllWays(of(left), of(right))).map(({ kind }) => kind);
    expect(await kinds('A view of the sea', 'The sea at night')).toEqual(['metadata']);
    expect(await kinds('Created with one', 'Created with another')).toEqual(['version-text', 'metadata']);
  });

  it('says that the picture differs, without decoding it', async () => {
    const found = await compareAllWays(jpeg(), Buffer.concat([START, frame, scan('02'), END, Buffer.from('x')]));
    expect(found.notes).toEqual(['the pixels are not compared: JPEG pictures are not decoded']);
    expect(found.fields).toEqual([{ name: 'bytes behind the end', right: expect.stringMatching(/^1 bytes, SHA-256/) }]);
    expect(reasonsOf(found)).toEqual([{ kind: 'data', evidence: 'the compressed picture differs' }]);
  });

  it('says so where Exif data cannot be read', async () => {
    const found = await compareAllWays(jpeg(), jpeg(exifSegment(Buffer.from('II'))));
    expect(found.fields).toEqual([{ name: 'Exif', right: 'cannot be read' }]);
  });

  it('says something else than identical wherever a file is cut or broken', async () => {
    await survivesDamage(
      jpeg(exifSegment(exif('II', { 305: 'tool' })), segment(0xe0, 'JFIF\0\x01\x02\0\0\x01\0\x01\0\0')),
      3,
    );
  });
});
