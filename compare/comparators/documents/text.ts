import type { Reason } from '../../../model/index.ts';
import { bothOf, headOf } from '../../identity.ts';
import { lineEdits } from '../../lines/line-edits.ts';
import { readWhole } from '../../read-whole.ts';
import { type ByteSource, type Context, type Explanation, HEAD_BYTES, type LeafComparator } from '../../types.ts';
import { differingWords } from './differing-words.ts';
import { lineEndings, splitLines } from './line-endings.ts';
import { decodeText, encodingOf, type TextEncoding } from './text-encoding.ts';
import { windowAroundChange } from './text-window.ts';

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
  const [before, after] = await bothOf(readText(left, limit), readText(right, limit));
  if (before === 'binary' || after === 'binary') {
    yield { kind: 'declined', why: 'not compared by lines: no text after all' };
    return;
  }
  if (before === 'long' || after === 'long') yield* explainWindow(left, right, limit);
  else yield* explainTexts(before, after);
}

type Text = { readonly encoding: TextEncoding; readonly text: string };

async function readText(source: ByteSource, limit: number): Promise<Text | 'long' | 'binary'> {
  const whole = await readWhole(source, limit);
  if (whole === undefined) return 'long';
  const encoding = encodingOf(whole, true);
  return encoding === undefined ? 'binary' : { encoding, text: decodeText(whole, encoding) };
}

function* explainTexts(before: Text, after: Text): Generator<Explanation> {
  const encodings = { name: 'encoding', left: before.encoding, right: after.encoding };
  if (before.encoding !== after.encoding) {
    yield { kind: 'fields', fields: [encodings] };
    const same = before.text === after.text;
    yield { kind: 'reason', reason: { ...encodingReason(same), left: before.encoding, right: after.encoding } };
    if (same) return;
  }
  const [old, now] = [lineEndings(before.text), lineEndings(after.text)];
  const endings = { name: 'line endings', left: old.endings, right: now.endings };
  // Where every line of a side ends alike, and each side in its own way, the lines are compared without their ends.
  const uniform = old.ending !== undefined && now.ending !== undefined && old.ending !== now.ending;
  const [one, other] = [
    splitLines(before.text, uniform ? (old.ending as string) : '\n'),
    splitLines(after.text, uniform ? (now.ending as string) : '\n'),
  ];
  if (uniform) {
    yield { kind: 'fields', fields: [endings] };
    const evidence = 'every line ends in another way';
    yield { kind: 'reason', reason: { kind: 'line-endings', evidence, left: old.endings, right: now.endings } };
  }
  yield { kind: 'lines', left: one.lines, right: other.lines, unended: { left: one.open, right: other.open } };
  const why = uniform ? undefined : onlyBy(before.text, after.text);
  if (why !== undefined) yield { kind: 'reason', reason: why };
}

function encodingReason(same: boolean): Reason {
  return { kind: 'encoding', evidence: same ? 'the same text in another encoding' : 'another encoding' };
}

/** True where nothing but white space may differ. */
function sameButForBlanks(before: string, after: string): boolean {
  const next = (text: string, from: number): number => {
    let at = from;
    while (at < text.length && isBlank(text.charCodeAt(at))) at++;
    return at;
  };
  let [one, other] = [next(before, 0), next(after, 0)];
  while (one < before.length && other < after.length) {
    if (before.charCodeAt(one) !== after.charCodeAt(other)) return false;
    [one, other] = [next(before, one + 1), next(after, other + 1)];
  }
  return one === before.length && other === after.length;
}

/** What \s matches (ECMA-262, WhiteSpace and LineTerminator). */
function isBlank(code: number): boolean {
  if (code < 128) return code === 32 || (code >= 9 && code <= 13);
  return code >= 0xa0 && /\s/.test(String.fromCharCode(code));
}

/** What alone differs, where it is only this. */
function onlyBy(before: string, after: string): Reason | undefined {
  const endings = { left: lineEndings(before).endings, right: lineEndings(after).endings };
  const reason = (kind: Reason['kind'], what: string): Reason => ({ kind, evidence: `only ${what} differs` });
  const equal = (change: (text: string) => string): boolean => change(before) === change(after);
  if (before === after || !sameButForBlanks(before, after)) return undefined;
  if (equal((text) => text.replace(/\n$/, ''))) return reason('whitespace', 'the newline at the end');
  if (equal((text) => text.replaceAll('\r\n', '\n').replaceAll('\r', '\n')))
    return { kind: 'line-endings', evidence: 'only line endings differ', ...endings };
  const trimmed = (text: string): string =>
    text
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n');
  if (equal((text) => trimmed(text).trimEnd())) return reason('whitespace', 'whitespace at the ends of lines');
  if (equal((text) => text.replace(/\s+/g, '')))
    return { kind: 'whitespace', evidence: 'only blanks and line breaks differ' };
  return undefined;
}

/** Compares the same stretch of both sides, from before the first difference; lines are counted from its beginning. */
async function* explainWindow(left: ByteSource, right: ByteSource, limit: number): AsyncGenerator<Explanation> {
  const window = await windowAroundChange(left, right, limit);
  if (window === undefined) return;
  const [old, now] = await bothOf(headOf(left), headOf(right));
  const encoding = commonEncoding(encodingOf(old, false), encodingOf(now, false));
  if (encoding === undefined) {
    yield { kind: 'declined', why: `not compared by lines: longer than ${limit} bytes, in different encodings` };
    return;
  }
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

function commonEncoding(one: TextEncoding | undefined, other: TextEncoding | undefined): TextEncoding | undefined {
  if (one === other) return one;
  const bytewise = [one, other].every((encoding) => encoding === 'UTF-8' || encoding === '8-bit');
  return bytewise ? '8-bit' : undefined;
}
