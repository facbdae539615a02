import { createHash } from 'node:crypto';
import {
  decodePdfString,
  type PdfFile,
  type PdfLimits,
  type PdfObject,
  readPdf,
  readPdfDictionary,
  unpackPdfStream,
} from '../../../formats/index.ts';
import { bufferSource } from '../../buffer-source.ts';
import { bothOf, ofBoth } from '../../identity.ts';
import { type NamedPair, namedPairs } from '../../named-pairs.ts';
import { readWhole } from '../../read-whole.ts';
import type { Context, Explanation, LeafComparator } from '../../types.ts';
import { dateReasons, onlyDatesDiffer } from './dates.ts';
import { comparePdfText } from './pdf-text.ts';
import { shownField } from './shown-field.ts';

const LIMITS: PdfLimits = { objects: 200_000, unpackedBytes: 64 * 2 ** 20 };
const STREAM_BYTES = 16 * 2 ** 20;
/** Streams that are looked into; a document has one or more a page. */
const STREAMS = 50;
const TRAILER = ['Encrypt', 'ID', 'Root', 'Size'];
/** The letters that stand before the name of a font of which only some glyphs are kept. */
const SUBSET_TAG = /(?<![A-Za-z])[A-Z]{6}\+/g;

/** PDF files: the document information, objects one by one, streams unpacked, and the text as pdftotext reads it. */
export const pdf: LeafComparator = {
  kind: 'leaf',
  id: 'pdf',
  recognizes: (head) => /^%PDF-\d/m.test(Buffer.from(head.subarray(0, 1024)).toString('latin1')),
  async *explain(left, right, context) {
    const limit = context.budget.limits.textBytes;
    const [old, now] = await bothOf(readWhole(left, limit), readWhole(right, limit));
    if (old === undefined || now === undefined) {
      yield { kind: 'declined', why: `not compared as PDF: longer than ${limit} bytes` };
      return;
    }
    const files = ofBoth(old, now, (bytes) => readPdf(bytes, LIMITS));
    yield* compareInformation(...files);
    yield { kind: 'lines', title: 'objects', left: objectLines(files[0]), right: objectLines(files[1]) };
    const { pairs, reordered } = namedPairs(files[0].objects, files[1].objects, ({ id }) => id);
    if (reordered) yield { kind: 'reason', reason: { kind: 'order', evidence: 'objects in another order' } };
    yield* compareSubsetTags(pairs);
    yield* compareStreams(pairs, context);
    yield* comparePdfText(left, right, context);
  },
};

function* compareInformation(left: PdfFile, right: PdfFile): Generator<Explanation> {
  const { pairs } = namedPairs(information(left), information(right), ([name]) => name);
  const fields = pairs
    .filter(({ left: old, right: now }) => old?.[1] !== now?.[1])
    .map(({ name, left: old, right: now }) => shownField(name, { left: old?.[1], right: now?.[1] }));
  yield { kind: 'fields', fields };
  yield* dateReasons(fields, 'PDF field');
  for (const { name, left: old, right: now } of fields) {
    if (old === undefined || now === undefined || old === now || onlyDatesDiffer(old, now)) continue;
    if (/^(?:Producer|Creator|PTEX\.Fullbanner)$/.test(name))
      yield {
        kind: 'reason',
        reason: { kind: 'version-text', evidence: `PDF field ${name} names a program`, left: old, right: now },
      };
    if (name === 'trailer ID')
      yield {
        kind: 'reason',
        reason: { kind: 'random', evidence: 'the identifier of the PDF file', left: old, right: now },
      };
  }
}

/** Version, some entries of the trailer, and all of the information dictionary. */
function information({ version, trailer, objects }: PdfFile): readonly (readonly [string, string])[] {
  const reference = /^(\d+\s+\d+)\s+R$/.exec(trailer.get('Info') ?? '')?.[1]?.replace(/\s+/, ' ');
  const dictionary = readPdfDictionary(objects.findLast(({ id }) => id === reference)?.text ?? '');
  return [
    ['version', version],
    ['objects', String(objects.length)],
    ...TRAILER.map((key) => [`trailer ${key}`, trailer.get(key)] as const).filter(([, value]) => value !== undefined),
    ...[...dictionary].map(([key, value]) => [key, decodePdfString(value)] as const),
  ].map(([name = '', value = '']) => [name, value]);
}

/** An object a line, whatever its white space; what is long is cut, and its digest tells it apart. */
function objectLines({ objects }: PdfFile): readonly string[] {
  return objects.map(({ id, text, stream }) => {
    const plain = text.replace(/\s+/g, ' ');
    const whole = plain.length <= 1000 ? plain : `${plain.slice(0, 1000)}… ${digestOf(Buffer.from(text, 'latin1'))}`;
    return `${id} obj ${whole}${stream === undefined ? '' : ` stream of ${stream.length} bytes, ${digestOf(stream)}`}`;
  });
}

function digestOf(bytes: Buffer): string {
  return `SHA-256 ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}…`;
}

/** What an object of a font says of the glyphs that are kept of it. */
const GLYPHS = ['CharSet', 'W', 'Widths', 'FirstChar', 'LastChar'];

/** pdfTeX makes a tag from the glyphs that are kept: where these differ as well, no tag is random. */
function* compareSubsetTags(pairs: readonly NamedPair<PdfObject>[]): Generator<Explanation> {
  const changed = pairs.flatMap(({ left, right }) =>
    left === undefined || right === undefined || left.text === right.text ? [] : [[left.text, right.text] as const],
  );
  const following = new Set(changed.filter(haveOtherGlyphs).flatMap(subsetTags));
  const tagged = changed.filter(
    (texts) =>
      texts[0].replace(SUBSET_TAG, '+') === texts[1].replace(SUBSET_TAG, '+') &&
      subsetTags(texts).some((tag) => !following.has(tag)),
  );
  if (tagged.length > 0)
    yield {
      kind: 'reason',
      reason: { kind: 'random', evidence: `only the tags of font subsets differ in ${tagged.length} objects` },
    };
}

function haveOtherGlyphs(texts: readonly [string, string]): boolean {
  const [old, now] = texts.map(readPdfDictionary) as [Map<string, string>, Map<string, string>];
  return GLYPHS.some((key) => old.get(key) !== now.get(key));
}

/** The tags that one of two texts has, and the other has not. */
function subsetTags([left, right]: readonly [string, string]): readonly string[] {
  const [old, now] = [new Set(left.match(SUBSET_TAG)), new Set(right.match(SUBSET_TAG))];
  return [...[...old].filter((tag) => !now.has(tag)), ...[...now].filter((tag) => !old.has(tag))];
}

function* compareStreams(pairs: readonly NamedPair<PdfObject>[], { budget }: Context): Generator<Explanation> {
  let repacked = 0;
  let looked = 0;
  let more = 0;
  for (const { name, left, right } of pairs) {
    if (left?.stream === undefined || right?.stream === undefined || left.stream.equals(right.stream)) continue;
    // What these hold is told already: other objects, and where they stand.
    if (isOf(left, 'ObjStm|XRef') && isOf(right, 'ObjStm|XRef')) continue;
    if (looked === STREAMS) {
      more++;
      continue;
    }
    looked++;
    const [old, now] = [unpackPdfStream(left, STREAM_BYTES), unpackPdfStream(right, STREAM_BYTES)];
    // A stream may be a whole PDF file again, and so on down: what comes out is counted as of any compressed file.
    budget.spend('bytes', (old?.length ?? 0) + (now?.length ?? 0));
    const title = isOf(left, 'Metadata') && isOf(right, 'Metadata') ? 'XMP metadata' : 'stream';
    const path = `object ${name} ${title}`;
    const content = old === undefined || now === undefined ? [left.stream, right.stream] : [old, now];
    const [one, other] = content as [Buffer, Buffer];
    if (one.equals(other)) repacked++;
    else yield { kind: 'part', name: path, left: bufferSource(path, one), right: bufferSource(path, other) };
  }
  if (repacked > 0)
    yield { kind: 'reason', reason: { kind: 'compression', evidence: `${repacked} streams are equal when unpacked` } };
  if (more > 0) yield { kind: 'note', text: `${more} more streams differ, and were not looked into` };
}

function isOf({ text }: PdfObject, types: string): boolean {
  return new RegExp(`/Type\\s*/(?:${types})\\b`).test(text);
}
