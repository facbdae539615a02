import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { z } from 'zod';
import { escapeText } from '../../../compare/index.ts';
import { ReproofError } from '../../../model/index.ts';
import { readAt } from './read-index.ts';
import { TEXT_END, TEXT_TRAILER_BYTES, type TextBlock, type TextOutline } from './text-blocks.ts';

const unpack = promisify(zstdDecompress);
const LARGEST_BLOCK = 256 * 1024;
const LARGEST_OUTLINE = 64 * 1024 ** 2;
/** What one search reads at most before it says where to go on. */
const SEARCHED_BYTES = 8 * 1024 ** 2;

const textOutline = z.strictObject({
  version: z.literal(1),
  bytes: z.number(),
  lines: z.number(),
  sections: z.array(z.strictObject({ line: z.number(), title: z.string(), kind: z.enum(['step', 'command']) })),
  errors: z.array(z.strictObject({ line: z.number(), text: z.string() })),
  errorCount: z.number(),
  blocks: z.array(
    z.strictObject({ at: z.number(), packed: z.number(), bytes: z.number(), line: z.number(), inside: z.boolean() }),
  ),
});

/** A line of a text, harmless for a terminal. `cut`: how many characters of it are left out, roughly. */
export type TextLine = { readonly line: number; readonly text: string; readonly cut?: number };

export type TextPage = { readonly lines: readonly TextLine[]; readonly next?: number };

/** `next`: the line to search on from. */
export type TextMatches = { readonly matches: readonly TextLine[]; readonly next?: number };

/** A text that is read a part at a time. */
export type TextReader = {
  readonly outline: Omit<TextOutline, 'blocks' | 'version'>;
  /** Lines from a number on; fewer where they are long: at most `bytes`, roughly. Each is cut to `characters`. */
  readonly lines: (
    from: number,
    limits: { readonly lines: number; readonly bytes: number; readonly characters: number },
  ) => Promise<TextPage>;
  /** Lines that hold some words, small letters and capitals alike. */
  readonly search: (
    text: string,
    options: { readonly from: number; readonly limit: number; readonly characters: number },
  ) => Promise<TextMatches>;
  readonly close: () => Promise<void>;
};

/** Opens a text in pieces. Undefined where there is none. Throws STORE_CORRUPT. */
export async function openText(file: string): Promise<TextReader | undefined> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new ReproofError('STORE_FAILED', `opening a text: ${error.message}`, { cause: error });
  });
  if (handle === undefined) return undefined;
  try {
    const { blocks, version: _, ...outline } = await readOutline(handle);
    return {
      outline: {
        ...outline,
        sections: outline.sections.map((section) => ({ ...section, title: escapeText(section.title) })),
        errors: outline.errors.map((error) => ({ ...error, text: escapeText(error.text) })),
      },
      lines: (from, limits) => readLines({ handle, blocks }, { from, ...limits }),
      search: (text, options) => search({ handle, blocks }, { text, ...options }),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readOutline(handle: FileHandle): Promise<TextOutline> {
  const { size } = await handle.stat();
  if (size < TEXT_TRAILER_BYTES) throw damaged();
  const trailer = await readAt(handle, size - TEXT_TRAILER_BYTES, TEXT_TRAILER_BYTES, 'all');
  if (!trailer.subarray(10).equals(TEXT_END)) throw damaged();
  const packed = await readAt(handle, trailer.readUIntBE(0, 6), trailer.readUInt32BE(6), 'all');
  const json = await unpack(packed, { maxOutputLength: LARGEST_OUTLINE });
  return textOutline.parse(JSON.parse(json.toString('utf8')));
}

type Stored = { readonly handle: FileHandle; readonly blocks: readonly TextBlock[] };

async function readBlock({ handle }: Stored, block: TextBlock): Promise<string> {
  const packed = await readAt(handle, block.at, block.packed, 'all');
  return (await unpack(packed, { maxOutputLength: LARGEST_BLOCK })).toString('utf8');
}

/** The first block that a line may begin in. */
function blockOf(blocks: readonly TextBlock[], line: number): number {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { line: first, inside } = blocks[middle] as TextBlock;
    if (first + (inside ? 1 : 0) <= line) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** `enough`: nothing more is looked at; this is where to go on. */
type Begun = { readonly line: number; readonly text: string; readonly cut: number; readonly enough: boolean };

/**
 * The lines from a block on, each as it begins: of what follows in further blocks only the length is told, in bytes,
 * and nothing is read. `wants`: whether a block that was read is looked at by its lines.
 */
async function* linesFrom(
  stored: Stored,
  first: number,
  wants: (text: string, block: TextBlock) => boolean | 'enough' = () => true,
): AsyncGenerator<Begun> {
  const { blocks } = stored;
  for (let index = first; index < blocks.length; index++) {
    const block = blocks[index] as TextBlock;
    // A block without the end of its line holds nothing that is shown.
    const next = blocks[index + 1];
    if (block.inside && next?.inside === true && next.line === block.line) continue;
    const text = await readBlock(stored, block);
    const wanted = wants(text, block);
    if (wanted === 'enough') {
      yield { line: block.line + (block.inside ? 1 : 0), text: '', cut: 0, enough: true };
      return;
    }
    if (!wanted) continue;
    const lines = text.split('\n');
    const ended = lines.at(-1) === '';
    if (ended) lines.pop();
    for (const [at, line] of lines.entries()) {
      if (block.inside && at === 0) continue;
      const goesOn = at === lines.length - 1 && !ended;
      yield {
        line: block.line + at,
        text: line.endsWith('\r') ? line.slice(0, -1) : line,
        cut: goesOn ? bytesAfter(blocks, index) : 0,
        enough: false,
      };
    }
  }
}

function bytesAfter(blocks: readonly TextBlock[], index: number): number {
  let bytes = 0;
  for (let next = index + 1; blocks[next]?.inside === true; next++) {
    bytes += (blocks[next] as TextBlock).bytes;
    if (blocks[next + 1]?.line !== (blocks[next] as TextBlock).line) break;
  }
  return bytes;
}

async function readLines(
  stored: Stored,
  {
    from,
    lines: most,
    bytes,
    characters,
  }: { readonly from: number; readonly lines: number; readonly bytes: number; readonly characters: number },
): Promise<TextPage> {
  const lines: TextLine[] = [];
  let room = bytes;
  for await (const begun of linesFrom(stored, blockOf(stored.blocks, from))) {
    if (begun.line < from) continue;
    if (lines.length >= most || room <= 0) return { lines, next: begun.line };
    const line = shown(begun, characters);
    room -= line.text.length;
    lines.push(line);
  }
  return { lines };
}

async function search(
  stored: Stored,
  {
    text,
    from,
    limit,
    characters,
  }: { readonly text: string; readonly from: number; readonly limit: number; readonly characters: number },
): Promise<TextMatches> {
  const wanted = text.toLowerCase();
  const matches: TextLine[] = [];
  let read = 0;
  const wants = (block: string, { bytes }: TextBlock): boolean | 'enough' => {
    if (read > SEARCHED_BYTES) return 'enough';
    read += bytes;
    return block.toLowerCase().includes(wanted);
  };
  for await (const begun of linesFrom(stored, blockOf(stored.blocks, from), wants)) {
    if (begun.line < from) continue;
    if (begun.enough || matches.length >= limit) return { matches, next: begun.line };
    const at = begun.text.toLowerCase().indexOf(wanted);
    if (at < 0) continue;
    const begin = at > characters / 2 ? Math.max(0, at - 40) : 0;
    const line = shown({ ...begun, text: begun.text.slice(begin) }, characters);
    matches.push(begin === 0 ? line : { ...line, text: `…${line.text}` });
  }
  return { matches };
}

/** Colours mean nothing here: they are left out. What else moves a terminal is shown as it is written. */
const COLOURS = /\u001b\[[0-9;:]*m/g;

function shown({ line, text, cut }: Begun, characters: number): TextLine {
  const plain = text.length > characters ? text.slice(0, characters).toWellFormed() : text;
  const left = text.length - plain.length + cut;
  return { line, text: escapeText(plain.replace(COLOURS, '')), ...(left > 0 ? { cut: left } : {}) };
}

function damaged(): ReproofError {
  return new ReproofError('STORE_CORRUPT', 'reading a text in pieces: it is damaged');
}
