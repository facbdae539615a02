import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Deb822Limits, type Paragraph, parseDeb822, parseParagraphs } from '../../../formats/index.ts';
import { isReproofError, ReproofError } from '../../../model/index.ts';
import type { IndexFile } from './index-file.ts';

/**
 * A field and the value it must have, in the index's own spelling of the name. `Source` is found by the name alone,
 * with or without the version that may follow in brackets.
 */
export type WantedField = { readonly field: string; readonly value: string };

const CHUNK_BYTES = 4 * 1024 * 1024;
const MAX_PARAGRAPH_BYTES = 2 * 1024 * 1024;
const NEWLINE = 0x0a;
const SPACE = 0x20;

/** An index's file, and what messages call it. */
export type SearchedFile = Pick<IndexFile, 'file' | 'suite' | 'path'>;

function limitsFor(index: SearchedFile): Deb822Limits {
  return { paragraphBytes: MAX_PARAGRAPH_BYTES, fields: 200, name: `${index.path} of ${index.suite}` };
}

/** The error of an index that cannot be read. */
export function malformed(index: SearchedFile, why: string, cause?: unknown): ReproofError {
  return new ReproofError('INDEX_MALFORMED', `reading ${index.path} of ${index.suite}: ${why}`, { cause });
}

function asIndexError(index: SearchedFile, error: unknown): unknown {
  return isReproofError(error, 'DEB822_SYNTAX', 'DEB822_LIMIT') ? malformed(index, error.message, error) : error;
}

/** Every paragraph of an index, in order, in bounded memory. Throws INDEX_MALFORMED. */
export async function* paragraphs(index: SearchedFile): AsyncGenerator<Paragraph> {
  try {
    yield* parseDeb822(createReadStream(index.file, { highWaterMark: 256 * 1024 }), limitsFor(index));
  } catch (error) {
    throw asIndexError(index, error);
  }
}

/**
 * The file in blocks that begin with a newline and end where a paragraph ends, so that each line of a block has a newline
 * before it and no paragraph is cut. A block is good until the next one is asked for. Throws INDEX_MALFORMED for a
 * paragraph of more than 2 MiB.
 */
export async function* blocks(index: SearchedFile): AsyncGenerator<Buffer> {
  const handle = await open(index.file);
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES + MAX_PARAGRAPH_BYTES);
    buffer[0] = NEWLINE;
    for (let length = 1; ; ) {
      const { bytesRead } = await handle.read(buffer, length, Math.min(CHUNK_BYTES, buffer.length - length));
      length += bytesRead;
      if (bytesRead === 0) {
        yield buffer.subarray(0, length);
        return;
      }
      // The second newline begins the next block.
      const end = buffer.subarray(0, length).lastIndexOf('\n\n') + 1;
      if (end > 0) {
        yield buffer.subarray(0, end);
        buffer.copyWithin(0, end, length);
        length -= end;
      }
      if (length > MAX_PARAGRAPH_BYTES) throw malformed(index, `a paragraph of more than ${MAX_PARAGRAPH_BYTES} bytes`);
    }
  } finally {
    await handle.close();
  }
}

/** The values of a field in a block, with the place of each. */
function* values(block: Buffer, field: string): Generator<{ at: number; value: string }> {
  const needle = Buffer.from(`\n${field}:`);
  for (let at = block.indexOf(needle); at !== -1; at = block.indexOf(needle, at)) {
    let start = at + needle.length;
    while (block[start] === SPACE) start += 1;
    const newline = block.indexOf(NEWLINE, start);
    const end = newline === -1 ? block.length : newline;
    yield { at, value: block.toString('utf8', start, end).trimEnd() };
    at = end;
  }
}

function isWanted(field: string, value: string, wanted: ReadonlySet<string>): boolean {
  if (wanted.has(value)) return true;
  const space = field === 'Source' ? value.indexOf(' ') : -1;
  return space !== -1 && wanted.has(value.slice(0, space));
}

/**
 * The paragraphs that have any of the wanted fields, in the order of the index, each once. The bytes are searched and
 * only paragraphs with a hit are parsed: cheap for few hits, and no dearer for hundreds of values than for one.
 * Throws INDEX_MALFORMED.
 */
export async function* findParagraphs(index: SearchedFile, wanted: readonly WantedField[]): AsyncGenerator<Paragraph> {
  const valuesByField = new Map<string, Set<string>>();
  for (const { field, value } of wanted) valuesByField.set(field, (valuesByField.get(field) ?? new Set()).add(value));
  const isHit = (paragraph: Paragraph): boolean =>
    [...valuesByField].some(([field, each]) => isWanted(field, paragraph.get(field) ?? '', each));

  for await (const block of blocks(index)) {
    const ends = new Map<number, number>();
    for (const [field, each] of valuesByField) {
      for (const { at, value } of values(block, field)) {
        if (!isWanted(field, value, each)) continue;
        const start = Math.max(block.lastIndexOf('\n\n', at), 0);
        if (ends.has(start)) continue;
        const end = block.indexOf('\n\n', at);
        ends.set(start, end === -1 ? block.length : end);
      }
    }
    for (const [start, end] of [...ends].sort(([left], [right]) => left - right)) {
      try {
        yield* parseParagraphs(block.subarray(start, end), limitsFor(index)).filter(isHit);
      } catch (error) {
        throw asIndexError(index, error);
      }
    }
  }
}

/** The names of an index's packages, each once, sorted by code unit. Throws INDEX_MALFORMED. */
export async function packageNames(index: SearchedFile): Promise<readonly string[]> {
  const names = new Set<string>();
  for await (const block of blocks(index)) {
    for (const { value } of values(block, 'Package')) names.add(value);
  }
  return [...names].sort();
}
