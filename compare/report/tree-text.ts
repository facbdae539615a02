import type { Difference } from '../../model/index.ts';
import type { ComparedInput, Comparison } from '../comparison.ts';
import { escapeText } from '../escape.ts';
import { diffLines, factsText, NONE, reasonText, sampleLines } from './node-facts.ts';

export type TreeTextOptions = {
  /** With colours, for a terminal. */
  readonly colour?: boolean;
  /** Bytes after which the report ends, and says so. */
  readonly maxBytes?: number;
};

type Tone = 'removed' | 'added' | 'hunk' | 'node' | 'note' | 'reason' | 'plain';
type Line = { readonly lead: string; readonly text: string; readonly tone: Tone };

/** SGR codes of ECMA-48: begin and end. */
const COLOURS: Readonly<Record<Tone, readonly [string, string]>> = {
  removed: ['\x1b[31m', '\x1b[39m'],
  added: ['\x1b[32m', '\x1b[39m'],
  hunk: ['\x1b[36m', '\x1b[39m'],
  node: ['\x1b[1m', '\x1b[22m'],
  note: ['\x1b[2m', '\x1b[22m'],
  reason: ['\x1b[33m', '\x1b[39m'],
  plain: ['', ''],
};

/**
 * A comparison for people, line by line: a tree, under each node why it differs (`=`), what is to be known (`┄`), values
 * and lines of both sides (`-` left, `+` right). Escaped again, so that no file can command a terminal. Identical inputs
 * give nothing but what is to be known of them, such as that something was left out.
 */
export function* textReport(comparison: Comparison, options: TreeTextOptions = {}): Generator<string> {
  const { colour = false, maxBytes = Number.POSITIVE_INFINITY } = options;
  let bytes = 0;
  let nodes = 0;
  for (const { lead, text, tone } of linesOf(comparison)) {
    const [begin, end] = colour ? COLOURS[tone] : COLOURS.plain;
    const line = `${lead}${begin}${escapeText(text)}${end}\n`;
    bytes += Buffer.byteLength(line);
    if (bytes > maxBytes) {
      const left = comparison.counts.nodes - nodes;
      const partly = nodes > 0 && tone !== 'node' ? ', nor is all of the last one' : '';
      yield `… the report ends here, at its limit of ${maxBytes} bytes; ${left} of ${comparison.counts.nodes} nodes are not shown${partly}\n`;
      return;
    }
    if (tone === 'node') nodes++;
    yield line;
  }
}

function* linesOf({ left, right, notes, difference: tree }: Comparison): Generator<Line> {
  const said = [...notes, ...left.notes.map(ofSide('-')), ...right.notes.map(ofSide('+'))];
  if (tree === undefined && said.length === 0) return;
  yield { lead: '', text: `--- ${inputText(left)}`, tone: 'removed' };
  yield { lead: '', text: `+++ ${inputText(right)}`, tone: 'added' };
  for (const note of said) yield { lead: '┄ ', text: note, tone: 'note' };
  if (tree === undefined) {
    yield { lead: '', text: 'identical', tone: 'plain' };
    return;
  }
  yield { lead: '', text: factsText(tree), tone: 'node' };
  yield* below(tree, '');
}

function ofSide(sign: string): (note: string) => string {
  return (note) => `${sign} ${note}`;
}

function inputText({ name, size }: ComparedInput): string {
  return size === undefined ? name : `${name} (${size} bytes)`;
}

function* below(node: Difference, lead: string): Generator<Line> {
  const inner = node.children.length > 0 ? `${lead}│ ` : `${lead}  `;
  for (const { text, tone } of ownLines(node)) yield { lead: inner, text, tone };
  for (const [index, child] of node.children.entries()) {
    const last = index === node.children.length - 1;
    yield { lead: `${lead}${last ? '╰── ' : '├── '}`, text: `${namesText(child)} (${factsText(child)})`, tone: 'node' };
    yield* below(child, `${lead}${last ? '  ' : '│ '}`);
  }
}

function namesText({ path, left, right }: Difference): string {
  return left?.name !== undefined && right?.name !== undefined ? `${left.name} -> ${right.name}` : path;
}

function* ownLines(node: Difference): Generator<Omit<Line, 'lead'>> {
  for (const reason of node.reasons ?? []) yield { text: `= ${reasonText(reason)}`, tone: 'reason' };
  for (const note of node.notes) yield { text: `┄ ${note}`, tone: 'note' };
  for (const { name, left, right } of node.fields ?? []) {
    yield { text: `- ${name}: ${left ?? NONE}`, tone: 'removed' };
    yield { text: `+ ${name}: ${right ?? NONE}`, tone: 'added' };
  }
  for (const line of sampleLines(node.left)) yield { text: `- ${line}`, tone: 'removed' };
  for (const line of sampleLines(node.right)) yield { text: `+ ${line}`, tone: 'added' };
  for (const text of diffLines(node)) yield { text, tone: toneOf(text) };
}

function toneOf(line: string): Tone {
  if (line.startsWith('-')) return 'removed';
  if (line.startsWith('+')) return 'added';
  return line.startsWith('@') ? 'hunk' : 'plain';
}
