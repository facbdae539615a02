import { ReproofError } from '../model/index.ts';
import { ByteCursor } from './byte-cursor.ts';

/** A marker segment of a JPEG file, or what follows one: nothing is copied. */
export type JpegSegment = {
  /** The second byte of its marker: 0xe1 is APP1. */
  readonly marker: number;
  /** Bytes from the beginning of the file to the marker. */
  readonly offset: number;
  /** Without marker and length. */
  readonly data: Buffer;
  /** The entropy-coded data that follows a start of scan, restart markers included; empty elsewhere. */
  readonly scan: Buffer;
};

export type JpegFile = {
  readonly segments: readonly JpegSegment[];
  /** Bytes behind the end of the picture. */
  readonly trailing: Buffer;
};

const NAMES: Readonly<Record<number, string>> = {
  196: 'DHT',
  200: 'JPG',
  204: 'DAC',
  216: 'SOI',
  217: 'EOI',
  218: 'SOS',
  219: 'DQT',
  220: 'DNL',
  221: 'DRI',
  254: 'COM',
};
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

/** True for the first bytes of a JPEG file. */
export function isJpeg(head: Uint8Array): boolean {
  return head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff;
}

/** The name of a marker as ITU-T T.81 has it, table B.1. */
export function jpegMarkerName(marker: number): string {
  const known = NAMES[marker];
  if (known !== undefined) return known;
  if (marker >= 0xe0 && marker <= 0xef) return `APP${marker - 0xe0}`;
  if (marker >= 0xc0 && marker <= 0xcf) return `SOF${marker - 0xc0}`;
  return `0x${marker.toString(16).padStart(2, '0')}`;
}

/**
 * Reads the segments up to the end of the image (ITU-T T.81, annex B). Pixels are not decoded. Throws FORMAT_MALFORMED,
 * also when the end is missing; FORMAT_LIMIT past `limits.segments`.
 */
export function readJpeg(bytes: Uint8Array, limits: { readonly segments: number }): JpegFile {
  const cursor = new ByteCursor(bytes, { what: 'JPEG file' });
  if (cursor.u16('start of the image') !== 0xffd8) cursor.fail('start of the image');
  const segments: JpegSegment[] = [];
  for (;;) {
    const offset = cursor.position;
    if (cursor.u8('a marker') !== 0xff) cursor.fail('a marker');
    let marker = cursor.u8('a marker');
    while (marker === 0xff) marker = cursor.u8('a marker');
    if (marker === END_OF_IMAGE) return { segments, trailing: cursor.take(cursor.left) };
    if (segments.length >= limits.segments)
      throw new ReproofError('FORMAT_LIMIT', `reading JPEG file: more than ${limits.segments} segments`, {
        context: { offset, limit: 'segments' },
      });
    const size = cursor.u16('length of a segment');
    if (size < 2) cursor.fail('length of a segment');
    const data = cursor.take(size - 2, 'a segment');
    const end = marker === START_OF_SCAN ? endOfScan(cursor) : cursor.position;
    segments.push({ marker, offset, data, scan: cursor.take(end - cursor.position) });
  }
}

/** Where the next marker is that neither restarts the scan nor stands for a data byte of 255. */
function endOfScan({ bytes, position }: ByteCursor): number {
  for (let at = bytes.indexOf(0xff, position); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}
