import { createHash } from 'node:crypto';
import { isPng, type PngChunk, type PngFile, readPng, readPngPixels, readPngText } from '../../../formats/index.ts';
import { type FieldChange, isReproofError } from '../../../model/index.ts';
import { bothOf, ofBoth } from '../../identity.ts';
import { namedPairs } from '../../named-pairs.ts';
import { readWhole } from '../../read-whole.ts';
import type { Explanation, LeafComparator } from '../../types.ts';
import { dateReasons } from './dates.ts';
import { pixelDifference } from './pixel-difference.ts';
import { shownField } from './shown-field.ts';

const LIMITS = { chunks: 100_000, pixels: 4 * 2 ** 20 };
/** Of one text unpacked, and of all of them. */
const [TEXT_BYTES, TEXTS_BYTES] = [2 ** 20, 16 * 2 ** 20];
/** Chunks without which a picture's samples cannot be told. */
const PIXEL_CHUNKS = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

/** PNG pictures: their chunks one by one, and whether the pixels are the same, with a picture of those that are not. */
export const png: LeafComparator = {
  kind: 'leaf',
  id: 'png',
  recognizes: isPng,
  async *explain(left, right, { budget: { limits } }) {
    const [old, now] = await bothOf(readWhole(left, limits.textBytes), readWhole(right, limits.textBytes));
    if (old === undefined || now === undefined) {
      yield { kind: 'declined', why: `not compared as a picture: longer than ${limits.textBytes} bytes` };
      return;
    }
    const files = ofBoth(old, now, (bytes) => readPng(bytes, LIMITS));
    const fields = fieldsOf(...files);
    yield { kind: 'fields', fields };
    yield* dateReasons(fields, 'PNG field');
    yield* softwareReasons(fields);
    yield { kind: 'lines', title: 'chunks', left: chunkLines(files[0]), right: chunkLines(files[1]) };
    yield* comparePixels(...files);
  },
};

/** Facts of both sides by name: the header, dates, texts, and the numbers that other small chunks hold. */
function fieldsOf(left: PngFile, right: PngFile): FieldChange[] {
  const { pairs } = namedPairs(facts(left), facts(right), ({ name }) => name);
  return pairs
    .filter(({ left: old, right: now }) => old?.value !== now?.value)
    .map(({ name, left: old, right: now }) => shownField(name, { left: old?.value, right: now?.value }));
}

type Fact = { readonly name: string; readonly value: string };

function facts({ header, chunks, trailing }: PngFile): readonly Fact[] {
  const found: Fact[] = Object.entries(header).map(([name, value]) => ({ name, value: String(value) }));
  let room = TEXTS_BYTES;
  for (const chunk of chunks) {
    const text = room > 0 ? readPngText(chunk, Math.min(room, TEXT_BYTES)) : undefined;
    room -= text?.text.length ?? 0;
    if (text !== undefined) found.push({ name: `${chunk.type} ${text.keyword}`, value: text.text });
    else if (chunk.type === 'tIME' && chunk.data.length === 7)
      found.push({ name: 'tIME', value: momentOf(chunk.data) });
    else if (!PIXEL_CHUNKS.has(chunk.type)) found.push({ name: chunk.type, value: bytesOf(chunk.data) });
    if (!chunk.intact) found.push({ name: `${chunk.type} checksum`, value: 'does not fit' });
  }
  if (trailing.length > 0) found.push({ name: 'bytes behind the end', value: bytesOf(trailing) });
  return found;
}

function momentOf(data: Buffer): string {
  const [month, day, hour, minute, second] = [...data.subarray(2)].map((part) => String(part).padStart(2, '0'));
  return `${String(data.readUInt16BE()).padStart(4, '0')}-${month}-${day} ${hour}:${minute}:${second}`;
}

function* softwareReasons(fields: readonly FieldChange[]): Generator<Explanation> {
  for (const { name, left, right } of fields) {
    if (!/ Software$/.test(name) || left === undefined || right === undefined) continue;
    yield { kind: 'reason', reason: { kind: 'version-text', evidence: `${name} names the program`, left, right } };
  }
}

/** A chunk a line; runs of image data are one. */
function chunkLines({ chunks }: PngFile): readonly string[] {
  const lines: string[] = [];
  let run: PngChunk[] = [];
  for (const chunk of chunks) {
    if (chunk.type === 'IDAT') {
      run.push(chunk);
      continue;
    }
    if (run.length > 0) lines.push(imageLine(run));
    run = [];
    lines.push(`${chunk.type} ${chunk.data.length} bytes, checksum ${hex(chunk.crc)}`);
  }
  return lines;
}

function imageLine(run: readonly PngChunk[]): string {
  const size = run.reduce((sum, { data }) => sum + data.length, 0);
  return `IDAT ${size} bytes in ${run.length} chunks, first checksum ${hex(run[0]?.crc ?? 0)}`;
}

/** Sizes of the chunks that image data is cut into. */
function cutsOf({ chunks }: PngFile): string {
  return chunks.flatMap(({ type, data }) => (type === 'IDAT' ? [data.length] : [])).join();
}

/** What tells all but image data apart. */
function besideOf({ chunks, trailing }: PngFile): string {
  const lines = chunks.map(({ type, data, crc }) => (type === 'IDAT' ? '' : `${type} ${crc} ${bytesOf(data)}\n`));
  return `${lines.join('')}${bytesOf(trailing)}`;
}

function* comparePixels(left: PngFile, right: PngFile): Generator<Explanation> {
  if (left.header.width !== right.header.width || left.header.height !== right.header.height) {
    yield { kind: 'reason', reason: { kind: 'data', evidence: 'pictures of different sizes' } };
    return;
  }
  const [old, now] = [left, right].map((file) =>
    Buffer.concat(
      file.chunks
        .filter(({ type }) => type !== 'IEND' && PIXEL_CHUNKS.has(type))
        .map(({ type, data }) => Buffer.concat([Buffer.from(type === 'IDAT' ? '' : type), data])),
    ),
  ) as [Buffer, Buffer];
  if (old.equals(now)) {
    yield { kind: 'detail', text: 'the same pixels: their bytes are equal' };
    const recut = cutsOf(left) !== cutsOf(right);
    if (recut)
      yield { kind: 'reason', reason: { kind: 'layout', evidence: 'the same image data, cut into chunks otherwise' } };
    if (!recut || besideOf(left) !== besideOf(right))
      yield {
        kind: 'reason',
        reason: { kind: 'metadata', evidence: `${recut ? '' : 'only '}chunks beside the pixels differ` },
      };
    return;
  }
  try {
    const found = pixelDifference(...ofBoth(left, right, (file) => readPngPixels(file, LIMITS)));
    if (found === undefined) {
      yield { kind: 'detail', text: 'the same pixels, stored otherwise' };
      yield { kind: 'reason', reason: { kind: 'compression', evidence: 'the unpacked pixels are equal' } };
      return;
    }
    const { count, hidden, box, most, picture } = found;
    const all = left.header.width * left.header.height;
    yield {
      kind: 'detail',
      text: `${count} of ${all} pixels differ, by up to ${most}, in columns ${box.left} to ${box.right}, rows ${box.top} to ${box.bottom}`,
    };
    yield { kind: 'reason', reason: { kind: 'data', evidence: `${count} of ${all} pixels differ` } };
    if (hidden > 0)
      yield {
        kind: 'note',
        text: `${hidden} of the pixels that differ are transparent on both sides: they look alike`,
      };
    yield { kind: 'picture', picture };
  } catch (error) {
    if (!isReproofError(error, 'FORMAT_LIMIT', 'FORMAT_MALFORMED')) throw error;
    yield { kind: 'note', text: `the pixels could not be compared: ${error.code}` };
  }
}

/** The bytes themselves, or what tells them apart where they are many. */
function bytesOf(data: Buffer): string {
  if (data.length <= 32) return data.toString('hex');
  return `${data.length} bytes, SHA-256 ${createHash('sha256').update(data).digest('hex').slice(0, 16)}…`;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
