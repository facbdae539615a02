import { createHash } from 'node:crypto';
import { isJpeg, type JpegFile, type JpegSegment, jpegMarkerName, readExif, readJpeg } from '../../../formats/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { bothOf, ofBoth } from '../../identity.ts';
import { readWhole } from '../../read-whole.ts';
import type { LeafComparator } from '../../types.ts';
import { compareFacts, type Fact } from './facts.ts';

const LIMITS = { segments: 10_000, tags: 1000 };
const TEXT_CHARACTERS = 4096;
/** People write comments, too: those of programs say what made the picture, or have the number of a version. */
const PROGRAM = /creat|generat|produc|made (?:by|with)|\d/i;

/** JPEG pictures: segments one by one, Exif tags, comments, and whether the compressed picture is the same. */
export const jpeg: LeafComparator = {
  kind: 'leaf',
  id: 'jpeg',
  recognizes: isJpeg,
  async *explain(left, right, { budget: { limits } }) {
    const [old, now] = await bothOf(readWhole(left, limits.textBytes), readWhole(right, limits.textBytes));
    if (old === undefined || now === undefined) {
      yield { kind: 'declined', why: `not compared as a picture: longer than ${limits.textBytes} bytes` };
      return;
    }
    const files = ofBoth(old, now, (bytes) => readJpeg(bytes, LIMITS));
    yield* compareFacts(factsOf(files[0]), factsOf(files[1]), 'JPEG field');
    yield { kind: 'lines', title: 'segments', left: segmentLines(files[0]), right: segmentLines(files[1]) };
    const [one, other] = files.map((file) => file.segments.filter(isOfPicture).map(segmentLine).join('\n'));
    if (one === other) {
      yield { kind: 'detail', text: 'the same compressed picture' };
      yield { kind: 'reason', reason: { kind: 'metadata', evidence: 'only segments beside the picture differ' } };
    } else {
      yield { kind: 'note', text: 'the pixels are not compared: JPEG pictures are not decoded' };
      yield { kind: 'reason', reason: { kind: 'data', evidence: 'the compressed picture differs' } };
    }
  },
};

/** All but application data and comments decides on the pixels; Adobe's APP14 names the color space. */
function isOfPicture({ marker }: JpegSegment): boolean {
  return marker === 0xee || (marker !== 0xfe && (marker < 0xe0 || marker > 0xef));
}

function factsOf({ segments, trailing }: JpegFile): readonly Fact[] {
  const found = segments.flatMap(segmentFacts);
  if (trailing.length > 0)
    found.push({ name: 'bytes behind the end', value: `${trailing.length} bytes, ${digestOf(trailing)}` });
  return found;
}

function segmentFacts({ marker, data }: JpegSegment): readonly Fact[] {
  const name = jpegMarkerName(marker);
  if (name === 'COM') {
    const value = data.toString('latin1', 0, TEXT_CHARACTERS);
    return [{ name: 'comment', value, program: PROGRAM.test(value) }];
  }
  if (name.startsWith('SOF') && data.length >= 6)
    return [
      { name: 'frame', value: `${name}, ${data[0]} bits` },
      { name: 'size', value: `${data.readUInt16BE(3)} x ${data.readUInt16BE(1)}` },
      { name: 'components', value: String(data[5]) },
    ];
  const kind = data.toString('latin1', 0, Math.min(64, Math.max(0, data.indexOf(0))));
  if (kind === 'JFIF' && data.length >= 12)
    return [
      { name: 'JFIF version', value: `${data[5]}.${data[6]}` },
      { name: 'JFIF density', value: `${data.readUInt16BE(8)} x ${data.readUInt16BE(10)} of unit ${data[7]}` },
    ];
  if (kind === 'Exif') return exifFacts(data.subarray(6));
  if (kind.startsWith('http://ns.adobe.com/xap/'))
    return [{ name: 'XMP', value: data.toString('utf8', kind.length + 1, kind.length + 1 + TEXT_CHARACTERS) }];
  return [];
}

function exifFacts(tiff: Buffer): readonly Fact[] {
  try {
    return readExif(tiff, LIMITS).map(({ name, value }) => ({
      name: `Exif ${name}`,
      value,
      program: name === 'Software',
    }));
  } catch (error) {
    if (!isReproofError(error, 'FORMAT_MALFORMED')) throw error;
    return [{ name: 'Exif', value: 'cannot be read' }];
  }
}

function segmentLines({ segments, trailing }: JpegFile): readonly string[] {
  return [...segments.map(segmentLine), `EOI${trailing.length === 0 ? '' : `, then ${trailing.length} bytes`}`];
}

function segmentLine({ marker, data, scan }: JpegSegment): string {
  const after = scan.length === 0 ? '' : `, then ${scan.length} bytes of picture, ${digestOf(scan)}`;
  return `${jpegMarkerName(marker)} ${data.length} bytes, ${digestOf(data)}${after}`;
}

function digestOf(bytes: Buffer): string {
  return `SHA-256 ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}…`;
}
