import { bothOf } from '../../identity.ts';
import { readWhole } from '../../read-whole.ts';
import type { ByteSource } from '../../types.ts';
import { type LineEndings, lineEndings, type SplitLines, splitLines } from './line-endings.ts';
import { decodeText, encodingOf, type TextEncoding } from './text-encoding.ts';

/** A text as its lines, without what ends them. */
export type TextLines = LineEndings & {
  readonly encoding: TextEncoding;
  readonly lines: readonly string[];
  /** Whether the last line has no end. */
  readonly open: boolean;
};

/** Two texts. Lines that both begin and end with are the same strings, held once. */
export type TextPair = {
  readonly left: TextLines;
  readonly right: TextLines;
  /** True where nothing but how they are stored differs; looked for where encodings do. */
  readonly same: boolean;
  /** True where every line of a side ends alike, and each side in its own way. */
  readonly otherEndings: boolean;
  /** So many lines at the beginning and at the end are known to be equal. */
  readonly equal: { readonly first: number; readonly last: number };
};

/** What is held of a text while its lines are made: nothing else is, of its bytes or of it as one string. */
type Whole = LineEndings & { readonly encoding: TextEncoding; readonly bytes: Buffer };

/** Both texts, whole; `binary` where one is no text after all, `long` where one has more than `limitBytes`. */
export async function readTextLines(
  left: ByteSource,
  right: ByteSource,
  limitBytes: number,
): Promise<TextPair | 'long' | 'binary'> {
  const [before, after] = await bothOf(readOne(left, limitBytes), readOne(right, limitBytes));
  if (before === 'binary' || after === 'binary') return 'binary';
  if (before === 'long' || after === 'long') return 'long';
  // Where they end in other ways, lines are compared without their ends.
  const otherEndings = before.ending !== undefined && after.ending !== undefined && before.ending !== after.ending;
  const same =
    before.encoding !== after.encoding &&
    decodeText(before.bytes, before.encoding) === decodeText(after.bytes, after.encoding);
  const common = { same, otherEndings };
  if (!otherEndings && before.encoding === after.encoding && isBytewise(before.encoding))
    return { ...common, ...sharedLines(before, after) };
  const lined = (one: Whole): TextLines =>
    told(one, splitLines(decodeText(one.bytes, one.encoding), otherEndings ? (one.ending as string) : '\n'));
  return { ...common, left: lined(before), right: lined(after), equal: { first: 0, last: 0 } };
}

async function readOne(source: ByteSource, limitBytes: number): Promise<Whole | 'long' | 'binary'> {
  const bytes = await readWhole(source, limitBytes);
  if (bytes === undefined) return 'long';
  const encoding = encodingOf(bytes, true);
  if (encoding === undefined) return 'binary';
  return { encoding, bytes, ...lineEndings(isBytewise(encoding) ? bytes : decodeText(bytes, encoding)) };
}

/** True where a newline is one byte, which is no part of another character, and what is between can be decoded alone. */
function isBytewise(encoding: TextEncoding): boolean {
  return encoding === 'UTF-8' || encoding === 'UTF-8 with BOM' || encoding === '8-bit';
}

function told({ encoding, endings, ending }: Whole, { lines, open }: SplitLines): TextLines {
  return { encoding, endings, ending, lines, open };
}

/** Lines of two texts in one encoding, each decoded by itself: few characters make a whole text twice as large as its bytes. */
function sharedLines(before: Whole, after: Whole): Pick<TextPair, 'left' | 'right' | 'equal'> {
  const [old, now] = [withoutMark(before), withoutMark(after)];
  const begin = equalAtBeginning(old, now);
  const end = equalAtEnd(old, now, begin);
  const left = linesOf(old, before.encoding);
  const first = newlines(old, 0, begin);
  const newline = end < old.length ? old.indexOf(NEWLINE, end) : -1;
  const last = newline < 0 ? 0 : left.length - newlines(old, 0, newline + 1);
  const from = first === 0 ? 0 : old.lastIndexOf(NEWLINE, begin - 1) + 1;
  const between = now.subarray(from, newline < 0 ? now.length : newline + 1 + now.length - old.length);
  const right = linesOf(between, after.encoding);
  return {
    left: told(before, { lines: left, open: isOpen(old) }),
    right: told(after, {
      lines: [...left.slice(0, first), ...right, ...left.slice(left.length - last)],
      open: isOpen(now),
    }),
    equal: { first, last },
  };
}

const NEWLINE = 0x0a;

function linesOf(bytes: Buffer, encoding: TextEncoding): string[] {
  const lines: string[] = [];
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, from);
    const to = newline < 0 ? bytes.length : newline;
    lines.push(bytes.toString(encoding === '8-bit' ? 'latin1' : 'utf8', from, to));
    from = to + 1;
  }
  return lines;
}

function isOpen(bytes: Buffer): boolean {
  return bytes.length > 0 && bytes.at(-1) !== NEWLINE;
}

function newlines(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (bytes[at] === NEWLINE) count++;
  return count;
}

function equalAtBeginning(left: Buffer, right: Buffer): number {
  const shared = Math.min(left.length, right.length);
  let at = 0;
  while (at < shared && left[at] === right[at]) at++;
  return at;
}

/** Where in the left bytes those begin that both end with; from `begin` on, which is before them on either side. */
function equalAtEnd(left: Buffer, right: Buffer, begin: number): number {
  const shared = Math.min(left.length, right.length) - begin;
  let count = 0;
  while (count < shared && left[left.length - 1 - count] === right[right.length - 1 - count]) count++;
  return left.length - count;
}

function withoutMark({ encoding, bytes }: Whole): Buffer {
  return encoding === 'UTF-8 with BOM' ? bytes.subarray(MARK_BYTES) : bytes;
}

const MARK_BYTES = 3;
