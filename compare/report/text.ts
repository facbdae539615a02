import type { Difference, DifferenceSide } from '../../model/index.ts';
import { escapeText, shorten } from '../escape.ts';

export type TextReportOptions = {
  /** Lines of the whole report; the last one says how many were left out. */
  readonly maxLines?: number;
  /** Characters of one line. */
  readonly maxCharacters?: number;
};

/**
 * A difference tree as short plain text: one indented line a node, its notes and samples below it (- published,
 * + rebuilt). Bounded, escaped throughout, ends in a newline.
 */
export function renderText(difference: Difference, options: TextReportOptions = {}): string {
  const { maxLines = 200, maxCharacters = 240 } = options;
  const kept: string[] = [];
  let total = 0;
  for (const line of linesOf(difference, '')) {
    if (++total <= maxLines) kept.push(shorten(escapeText(line), maxCharacters));
  }
  if (total > maxLines) kept.push(`… ${total - maxLines} more lines`);
  return `${kept.join('\n')}\n`;
}

function* linesOf(node: Difference, indent: string): Generator<string> {
  const facts = [node.detail, sizesOf(node), node.truncated ? 'not explained to the end' : undefined];
  yield `${indent}${node.path} (${node.kind})${facts.map((fact) => (fact === undefined ? '' : `; ${fact}`)).join('')}`.replace(
    '); ',
    '): ',
  );
  const below = `${indent}  `;
  for (const note of node.notes) yield `${below}* ${note}`;
  for (const reason of node.reasons ?? []) {
    yield `${below}> ${reason.kind}: ${reason.evidence}${sidesText(reason)}`;
  }
  for (const field of node.fields ?? []) yield `${below}* ${field.name}${sidesText(field)}`;
  for (const line of (node.diff ?? '').split('\n').slice(0, -1)) yield `${below}${line}`;
  for (const line of sampleOf(node.left)) yield `${below}- ${line}`;
  for (const line of sampleOf(node.right)) yield `${below}+ ${line}`;
  for (const child of node.children) yield* linesOf(child, below);
}

function sidesText({ left, right }: { readonly left?: string; readonly right?: string }): string {
  return left === undefined && right === undefined ? '' : `: ${left ?? '(none)'} -> ${right ?? '(none)'}`;
}

function sampleOf(side: DifferenceSide | undefined): readonly string[] {
  return side?.text === undefined || side.text === '' ? [] : side.text.split('\n');
}

function sizesOf({ left, right }: Difference): string | undefined {
  if (left?.size !== undefined && right?.size !== undefined)
    return left.size === right.size ? undefined : `${left.size} against ${right.size} bytes`;
  const size = left?.size ?? right?.size;
  return size === undefined ? undefined : `${size} bytes`;
}
