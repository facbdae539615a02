import { styleText } from 'node:util';
import { escapeText } from '../../../compare/index.ts';

/** How a report is laid out: characters a line, and whether terminal colours are wanted. */
export type ReportOptions = { readonly width: number; readonly colour: boolean };

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

/**
 * A paragraph: `label`, padded to `labelWidth`, then `text` beside it, its further lines under its first. All of it
 * may come from outside: laying it out escapes it.
 */
export type Paragraph = {
  readonly indent: number;
  readonly label: string;
  readonly labelWidth: number;
  readonly text: string;
  readonly style?: Style;
};

const MIN_WIDTH = 40;
const MIN_TEXT_WIDTH = 24;
const MAX_CHARACTERS = 2000;
/** A word that is longer is cut into pieces: no digest, fingerprint or file name of an archive is. */
const MAX_WORD = 128;

/** A paragraph as lines without line ends. No line is longer than the width, but for a single longer word (of up to 128 characters): a digest stays whole. */
export function layOut(paragraph: Paragraph, options: ReportOptions): readonly string[] {
  const width = Math.max(MIN_WIDTH, options.width);
  const label = clean(paragraph.label);
  const indent = ' '.repeat(paragraph.indent);
  const start = label === '' ? '' : label.padEnd(paragraph.labelWidth);
  const hang = paragraph.indent + start.length;
  const words = clean(paragraph.text);
  if (words === '') return [`${indent}${colour(label, paragraph.style, options)}`];
  const colouredStart = colour(label, paragraph.style, options) + start.slice(label.length);
  if (width - hang < MIN_TEXT_WIDTH && label !== '') {
    const below = ' '.repeat(paragraph.indent + 2);
    const lines = wrap(words, width - below.length);
    const head = label.trim() === '' ? [] : [`${indent}${colour(label, paragraph.style, options)}`];
    return [...head, ...lines.map((line) => below + line)];
  }
  const [first = '', ...rest] = wrap(words, width - hang);
  return [`${indent}${colouredStart}${first}`, ...rest.map((line) => ' '.repeat(hang) + line)];
}

/** Text in a colour, when colours were asked for. */
export function colour(text: string, style: Style | undefined, options: { readonly colour: boolean }): string {
  if (!options.colour || style === undefined || text === '') return text;
  return styleText(style, text, { validateStream: false });
}

/** Breaks a line at spaces so that no piece is longer than `width` characters, but for longer words of up to MAX_WORD. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const { at, next } = breakPoint(rest, width);
    if (at >= rest.length) break;
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(next);
  }
  lines.push(rest);
  return lines;
}

function breakPoint(text: string, width: number): { readonly at: number; readonly next: number } {
  const before = text.lastIndexOf(' ', width);
  if (before > 0) return { at: before, next: before + 1 };
  const after = text.indexOf(' ', width);
  const end = after < 0 ? text.length : after;
  const limit = Math.max(width, MAX_WORD);
  if (end <= limit) return { at: end, next: end + 1 };
  // Not between the halves of a surrogate pair.
  const at = /[\ud800-\udbff]/.test(text.charAt(limit - 1)) ? limit - 1 : limit;
  return { at, next: at };
}

/** Hostile text on one line of bounded length. A tab would upset every column. */
export function clean(text: string): string {
  const escaped = escapeText(text.slice(0, MAX_CHARACTERS)).replaceAll('\t', '\\t');
  return text.length > MAX_CHARACTERS ? `${escaped}… (${text.length} characters)` : escaped;
}
