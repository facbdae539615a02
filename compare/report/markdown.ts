import type { Difference } from '../../model/index.ts';
import type { ComparedInput, Comparison } from '../comparison.ts';
import { escapeText } from '../escape.ts';
import { factsText, NONE, nodesOf, type PlacedNode, reasonText, sampleLines } from './node-facts.ts';

export type MarkdownOptions = {
  /** Bytes after which the report ends, and says so. */
  readonly maxBytes?: number;
};

/** A comparison as CommonMark with tables and fenced diffs: a section for each node that has something of its own. */
export function* markdownReport(comparison: Comparison, options: MarkdownOptions = {}): Generator<string> {
  const { maxBytes = Number.POSITIVE_INFINITY } = options;
  const { identical, left, right, notes, difference } = comparison;
  yield `# ${identical ? 'Identical' : 'Different'}: ${code(left.name)} and ${code(right.name)}\n\n`;
  yield '| | left | right |\n|---|---|---|\n';
  yield row('name', left.name, right.name);
  if (left.size !== undefined || right.size !== undefined) yield row('size', sizeOf(left), sizeOf(right));
  if (left.sha256 !== undefined) yield row('SHA-256', left.sha256, right.sha256 ?? NONE);
  yield '\n';
  const said = [...notes, ...left.notes.map((note) => `left: ${note}`), ...right.notes.map((note) => `right: ${note}`)];
  if (said.length > 0) yield `${said.map((note) => `- ${plain(note)}\n`).join('')}\n`;
  if (difference === undefined) return;
  let bytes = 0;
  let shown = 0;
  for (const placed of nodesOf(difference)) {
    const section = sectionOf(placed);
    bytes += Buffer.byteLength(section);
    if (bytes > maxBytes) {
      yield `\n*The report ends here, at its limit of ${maxBytes} bytes: ${comparison.counts.nodes - shown} of ${comparison.counts.nodes} nodes are not shown.*\n`;
      return;
    }
    shown++;
    yield section;
  }
}

function sectionOf({ node, path }: PlacedNode): string {
  const own = [...ownLines(node)];
  const passedThrough = own.length === 0 && node.detail === undefined && node.children.length > 0;
  if (passedThrough) return '';
  const heading =
    path.length === 1
      ? code(path[0] as string)
      : path
          .slice(1)
          .map((part) => code(part))
          .join(' › ');
  return `## ${heading}\n\n${plain(factsText(node))}\n\n${own.join('')}`;
}

function* ownLines(node: Difference): Generator<string> {
  for (const reason of node.reasons ?? [])
    yield `- **${reason.kind}**: ${plain(reasonText(reason).slice(reason.kind.length + 2))}\n`;
  for (const note of node.notes) yield `- ${plain(note)}\n`;
  if ((node.reasons?.length ?? 0) + node.notes.length > 0) yield '\n';
  if (node.fields !== undefined && node.fields.length > 0) {
    yield '| | left | right |\n|---|---|---|\n';
    for (const { name, left, right } of node.fields) yield row(name, left ?? NONE, right ?? NONE);
    yield '\n';
  }
  const samples = [
    ...sampleLines(node.left).map((line) => `-${line}\n`),
    ...sampleLines(node.right).map((line) => `+${line}\n`),
  ].join('');
  for (const text of [samples, node.diff ?? '']) if (text !== '') yield fenced(text);
}

/** A fence longer than any run of backticks in it. */
function fenced(text: string): string {
  const escaped = text.split('\n').map(escapeText).join('\n');
  const fence = '`'.repeat(Math.max(3, longestRun(escaped) + 1));
  return `${fence}diff\n${escaped}${escaped.endsWith('\n') ? '' : '\n'}${fence}\n\n`;
}

function row(name: string, left: string, right: string): string {
  return `| ${plain(name)} | ${code(left, true)} | ${code(right, true)} |\n`;
}

/** A code span; in a table, bars are escaped, for rows are cut at them before anything else. */
function code(text: string, inTable = false): string {
  const escaped = inTable ? escapeText(text).replaceAll('|', '\\|') : escapeText(text);
  if (escaped.trim() === '') return escaped === '' ? '' : `\`${escaped}\``;
  const ticks = '`'.repeat(longestRun(escaped) + 1);
  const pad = ticks.length > 1 || escaped.startsWith(' ') ? ' ' : '';
  return `${ticks}${pad}${escaped}${pad}${ticks}`;
}

/** Text in which no character has a meaning of its own. */
function plain(text: string): string {
  return escapeText(text).replace(/[\\`*_{}[\]()#+!|<>~&-]/g, (character) =>
    character === '-' || character === '(' || character === ')' ? character : `\\${character}`,
  );
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
}

function sizeOf({ size }: ComparedInput): string {
  return size === undefined ? NONE : String(size);
}
