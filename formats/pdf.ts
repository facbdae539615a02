import { inflateSync } from 'node:zlib';
import { ReproofError } from '../model/index.ts';
import { readPdfDictionary } from './pdf-dictionary.ts';

/** One object of a PDF file. Texts are bytes as latin1. */
export type PdfObject = {
  /** Its number and generation, such as `12 0`. */
  readonly id: string;
  /** What stands before its stream, or all of it; white space at the ends left out. */
  readonly text: string;
  /** Its stream as it is stored; not copied. */
  readonly stream?: Buffer;
};

export type PdfFile = {
  /** As in the first line: 1.7. */
  readonly version: string;
  /** In file order; those of object streams follow the one that holds them. A number may be there again, by an update. */
  readonly objects: readonly PdfObject[];
  /** Entries of all trailers and cross-reference streams, of the last first. */
  readonly trailer: ReadonlyMap<string, string>;
};

export type PdfLimits = {
  readonly objects: number;
  /** Bytes that all object streams together unpack to. */
  readonly unpackedBytes: number;
};

const VERSION = /^%PDF-(\d{1,2}\.\d{1,2})/m;
const OBJECT = /(?<!\d)(\d{1,10})\s{1,8}(\d{1,5})\s{1,8}obj(?![a-z])/g;

/**
 * Reads every object by looking for it from the beginning on (ISO 32000-1, 7.3.10), whatever the cross-reference table
 * says, which only repeats where they are. Throws FORMAT_MALFORMED without a version or with an object that does not
 * end; FORMAT_LIMIT.
 */
export function readPdf(bytes: Buffer, limits: PdfLimits): PdfFile {
  const whole = bytes.toString('latin1');
  const version = VERSION.exec(whole.slice(0, 1024))?.[1];
  if (version === undefined) throw failed('FORMAT_MALFORMED', 'version', 0);
  const objects: PdfObject[] = [];
  const trailers: ReadonlyMap<string, string>[] = [];
  const add = (object: PdfObject): void => {
    if (objects.length >= limits.objects) throw failed('FORMAT_LIMIT', `more than ${limits.objects} objects`, 0);
    objects.push(object);
    if (object.stream !== undefined && /\/Type\s*\/XRef\b/.test(object.text))
      trailers.push(readPdfDictionary(object.text));
  };
  let unpacked = 0;
  let at = 0;
  for (;;) {
    OBJECT.lastIndex = at;
    const found = OBJECT.exec(whole);
    for (const gap of whole
      .slice(at, found?.index)
      .split(/\btrailer\b/)
      .slice(1))
      trailers.push(readPdfDictionary(gap));
    if (found === null) break;
    const { object, end } = readObject(whole, bytes, { id: `${found[1]} ${found[2]}`, start: OBJECT.lastIndex });
    at = end;
    add(object);
    if (!/\/Type\s*\/ObjStm\b/.test(object.text)) continue;
    const content = unpackPdfStream(object, limits.unpackedBytes - unpacked);
    unpacked += content?.length ?? 0;
    for (const inner of content === undefined ? [] : objectsWithin(object, content)) add(inner);
  }
  return { version, objects, trailer: new Map(trailers.flatMap((trailer) => [...trailer])) };
}

type Begun = { readonly id: string; readonly start: number };

function readObject(whole: string, bytes: Buffer, { id, start }: Begun): { object: PdfObject; end: number } {
  const end = whole.indexOf('endobj', start);
  if (end < 0) throw failed('FORMAT_MALFORMED', 'an object without end', start);
  const inside = whole.slice(start, end);
  const begun = /(?<=>>\s{0,8})stream(?:\r\n|\n|\r)/.exec(inside);
  if (begun === null) return { object: { id, text: inside.trim() }, end: end + 6 };
  const text = inside.slice(0, begun.index).trim();
  const from = start + begun.index + begun[0].length;
  const told = Number(/^\d{1,10}$/.exec(readPdfDictionary(text).get('Length') ?? '')?.[0] ?? Number.NaN);
  const fits = /^\s{0,2}endstream/.test(whole.slice(from + told, from + told + 11));
  const to = fits ? from + told : whole.indexOf('endstream', from);
  const after = to < 0 ? -1 : whole.indexOf('endobj', to);
  if (after < 0) throw failed('FORMAT_MALFORMED', 'a stream without end', from);
  return { object: { id, text, stream: bytes.subarray(from, to) }, end: after + 6 };
}

/** The objects that an object stream holds (7.5.7). One that is broken holds none. */
function* objectsWithin(container: PdfObject, content: Buffer): Generator<PdfObject> {
  const dictionary = readPdfDictionary(container.text);
  const first = Number(dictionary.get('First'));
  if (!(first > 0 && first <= content.length)) return;
  const numbers = content.toString('latin1', 0, first).trim().split(/\s+/).map(Number);
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    const start = first + (numbers[index + 1] as number);
    const end = first + (numbers[index + 3] ?? content.length - first);
    if (!(start <= end && end <= content.length)) return;
    yield { id: `${numbers[index]} 0`, text: content.toString('latin1', start, end).trim() };
  }
}

/**
 * What a stream holds, when it is packed by FlateDecode alone or not at all, and is at most `limitBytes`; undefined
 * otherwise. Predictors are not undone.
 */
export function unpackPdfStream({ text, stream }: PdfObject, limitBytes: number): Buffer | undefined {
  const filter = readPdfDictionary(text)
    .get('Filter')
    ?.replace(/^\[\s*|\s*\]$/g, '');
  if (stream === undefined || limitBytes < 1) return undefined;
  if (filter === undefined || filter === '') return stream.length <= limitBytes ? stream : undefined;
  if (filter !== '/FlateDecode') return undefined;
  try {
    return inflateSync(stream, { maxOutputLength: limitBytes });
  } catch {
    return undefined;
  }
}

function failed(code: 'FORMAT_MALFORMED' | 'FORMAT_LIMIT', what: string, offset: number): ReproofError {
  return new ReproofError(code, `reading PDF file at byte ${offset}: ${what}`, { context: { offset } });
}
