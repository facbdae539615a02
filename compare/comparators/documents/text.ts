import type { Reason } from '../../../model/index.ts';
import { bothOf, headOf } from '../../identity.ts';
import { lineEdits } from '../../lines/line-edits.ts';
import { type ByteSource, type Context, type Explanation, HEAD_BYTES, type LeafComparator } from '../../types.ts';
import { alikeLines } from './alike-lines.ts';
import { differingWords } from './differing-words.ts';
import { splitLines } from './line-endings.ts';
import { onlyBlanks, onlyComposition } from './only-blanks.ts';
import { decodeText, encodingOf, type TextEncoding } from './text-encoding.ts';
import { readTextLines, type TextPair } from './text-lines.ts';
import { type TextWindow, windowAroundChange } from './text-window.ts';

/**
 * Text in UTF-8, with a mark in UTF-16 or UTF-32, or in an 8-bit encoding: its lines, words, encoding, line endings and
 * whitespace. Of a longer one than `textBytes`, so many bytes from where the sides begin to differ.
 */
export const text: LeafComparator = {
  kind: 'leaf',
  id: 'text',
  recognizes: (head) => encodingOf(head, head.length < HEAD_BYTES) !== undefined,
  async *explain(left, right, context) {
    for await (const found of explainAsText(left, right, context)) {
      yield found;
      const words = found.kind === 'lines' ? differingWords(found.left, found.right) : undefined;
      if (words !== undefined) yield { kind: 'fields', fields: [words] };
    }
  },
};

/** What `text` says but for words: for formats that name by themselves what differs, and show the lines besides. */
export async function* explainAsText(
  left: ByteSource,
  right: ByteSource,
  { budget }: Context,
): AsyncGenerator<Explanation> {
  const limit = budget.limits.textBytes;
  const texts = await readTextLines(left, right, limit);
  if (texts === 'binary') yield { kind: 'declined', why: 'not compared by lines: no text after all' };
  else if (texts === 'long') yield* explainWindow(left, right, limit);
  else yield* explainTexts(texts);
}

function* explainTexts(texts: TextPair): Generator<Explanation> {
  const { left: old, right: now, same, otherEndings } = texts;
  if (old.encoding !== now.encoding) {
    const encodings = { left: old.encoding, right: now.encoding };
    yield { kind: 'fields', fields: [{ name: 'encoding', ...encodings }] };
    yield { kind: 'reason', reason: { ...encodingReason(same), ...encodings } };
    if (same) return;
  }
  if (otherEndings) {
    const endings = { left: old.endings, right: now.endings };
    yield { kind: 'fields', fields: [{ name: 'line endings', ...endings }] };
    yield {
      kind: 'reason',
      reason: { kind: 'line-endings', evidence: 'every line ends in another way', ...endings },
    };
  }
  yield { kind: 'lines', left: old.lines, right: now.lines, unended: { left: old.open, right: now.open } };
  yield* alikeLines(old.lines, now.lines);
  const why = otherEndings ? undefined : (onlyBlanks(texts) ?? onlyComposition(texts));
  if (why !== undefined) yield { kind: 'reason', reason: why };
}

function encodingReason(same: boolean): Reason {
  return { kind: 'encoding', evidence: same ? 'the same text in another encoding' : 'another encoding' };
}

/** Compares the same stretch of both sides, from before the first difference; lines are counted from its beginning. */
async function* explainWindow(left: ByteSource, right: ByteSource, limit: number): AsyncGenerator<Explanation> {
  const window = await windowAroundChange(left, right, limit);
  if (window === undefined) return;
  const [old, now] = await bothOf(headOf(left), headOf(right));
  const known = commonEncoding(encodingOf(old, false), encodingOf(now, false));
  if (known === undefined) {
    yield { kind: 'declined', why: `not compared by lines: longer than ${limit} bytes, in different encodings` };
    return;
  }
  const encoding = encodingIn(window, known);
  // The window may begin inside a line, which is then left out unless it is all there is.
  const whole = (text: string): string => {
    const newline = window.offset === 0 ? -1 : text.slice(0, 4_096).indexOf('\n');
    return text.slice(newline + 1);
  };
  const [one, other] = [
    splitLines(whole(decodeText(window.left, encoding)), '\n'),
    splitLines(whole(decodeText(window.right, encoding)), '\n'),
  ];
  const pair = { left: one.lines, right: other.lines, leftOpen: one.open, rightOpen: other.open };
  // Where the window ends, one side may only reach further than the other.
  const edits = window.complete ? [] : lineEdits(pair);
  const last = edits.at(-1);
  const atEnd =
    edits.length > 1 && last !== undefined && (last.leftTo === one.lines.length || last.rightTo === other.lines.length);
  yield {
    kind: 'lines',
    left: atEnd ? one.lines.slice(0, last.leftFrom) : one.lines,
    right: atEnd ? other.lines.slice(0, last.rightFrom) : other.lines,
    unended: { left: !atEnd && one.open, right: !atEnd && other.open },
  };
  yield {
    kind: 'note',
    text: `compared from byte ${window.offset} on, ${Math.max(window.left.length, window.right.length)} bytes: lines are counted from there`,
  };
  if (!window.complete) yield { kind: 'truncated' };
}

/** What begins as UTF-8 need not go on so: of other bytes, all would be shown as the same character. */
function encodingIn({ left, right, offset, complete }: TextWindow, known: TextEncoding): TextEncoding {
  if (known !== 'UTF-8') return known;
  const isBroken = (bytes: Buffer): boolean => {
    // The window may begin inside a character, of which at most three bytes are left then.
    const start = offset === 0 ? 0 : bytes.subarray(0, 3).findIndex((byte) => (byte & 0xc0) !== 0x80);
    return encodingOf(bytes.subarray(start < 0 ? 3 : start), complete) !== 'UTF-8';
  };
  return isBroken(left) || isBroken(right) ? '8-bit' : 'UTF-8';
}

function commonEncoding(one: TextEncoding | undefined, other: TextEncoding | undefined): TextEncoding | undefined {
  if (one === other) return one;
  const bytewise = [one, other].every((encoding) => encoding === 'UTF-8' || encoding === '8-bit');
  return bytewise ? '8-bit' : undefined;
}
