import type { Difference, FieldChange } from '../../model/index.ts';
import type { Comparison } from '../comparison.ts';
import { diffLines, factsText, reasonText, sampleLines } from './node-facts.ts';

/** The lines of a hexadecimal dump: each begins with its offset. */
const HEX_LINE = /^[ +-][0-9a-f]{6,}:/;

/**
 * A comparison in the JSON of diffoscope (its format version 1), which `diffoscope --load-existing-diff` turns into any
 * of its reports. What that format has no place for is told all the same: kinds, details, reasons and notes as comments,
 * fields, digests and samples as small diffs. Given in pieces, a node at a time.
 */
export function* diffoscopeJsonReport({ difference, left, right, notes }: Comparison): Generator<string> {
  const version = '"diffoscope-json-version":1';
  if (difference === undefined) {
    yield `{${version},"source1":${JSON.stringify(left.name)},"source2":${JSON.stringify(right.name)},"unified_diff":null}\n`;
    return;
  }
  const top: Difference = {
    ...difference,
    left: { ...difference.left, name: left.name },
    right: { ...difference.right, name: right.name },
    notes: [...notes, ...left.notes, ...right.notes, ...difference.notes],
  };
  yield `{${version},`;
  yield* memberPieces(top);
  yield '}\n';
}

function* memberPieces(node: Difference): Generator<string> {
  const only = node.left === undefined || node.right === undefined;
  const source = (side: 'left' | 'right'): string =>
    only && node[side] === undefined ? '/dev/null' : (node[side]?.name ?? node.path);
  const bare = node.left === undefined && node.right === undefined;
  yield `"source1":${JSON.stringify(bare ? node.path : source('left'))},`;
  yield `"source2":${JSON.stringify(bare ? node.path : source('right'))},`;
  yield `"unified_diff":${JSON.stringify(node.diff === undefined || node.diff === '' ? null : node.diff)}`;
  if (isHex(node)) yield ',"has_internal_linenos":true';
  const comments = [factsText(node), ...(node.reasons ?? []).map(reasonText), ...node.notes];
  yield `,"comments":${JSON.stringify(comments)}`;
  const extra = [...extraNodes(node)];
  if (extra.length + node.children.length === 0) return;
  yield ',"details":[';
  let separator = '';
  for (const { title, diff } of extra) {
    const titled = JSON.stringify(title);
    yield `${separator}{"source1":${titled},"source2":${titled},"unified_diff":${JSON.stringify(diff)}}`;
    separator = ',';
  }
  for (const child of node.children) {
    yield `${separator}{`;
    yield* memberPieces(child);
    yield '}';
    separator = ',';
  }
  yield ']';
}

function* extraNodes(node: Difference): Generator<{ readonly title: string; readonly diff: string }> {
  const { left, right } = node;
  const digests: readonly FieldChange[] =
    left?.sha256 !== undefined && right?.sha256 !== undefined && left.sha256 !== right.sha256
      ? [{ name: 'sha256', left: left.sha256, right: right.sha256 }]
      : [];
  const fields = [...(node.fields ?? []), ...digests];
  if (fields.length > 0) {
    const lines = (side: 'left' | 'right'): readonly string[] =>
      fields.flatMap((field) => (field[side] === undefined ? [] : [`${field.name}: ${field[side]}`]));
    yield { title: 'fields', diff: hunkOf(lines('left'), lines('right')) };
  }
  const samples = [sampleLines(left), sampleLines(right)] as const;
  if (samples[0].length + samples[1].length > 0) yield { title: 'sample', diff: hunkOf(...samples) };
}

/** One hunk in which all lines of the left go and all of the right come. */
function hunkOf(left: readonly string[], right: readonly string[]): string {
  const range = (lines: readonly string[]): string => `${lines.length === 0 ? 0 : 1},${lines.length}`;
  const body = [...left.map((line) => `-${line}\n`), ...right.map((line) => `+${line}\n`)];
  return `@@ -${range(left)} +${range(right)} @@\n${body.join('')}`;
}

function isHex(node: Difference): boolean {
  for (const line of diffLines(node)) if (!line.startsWith('@')) return HEX_LINE.test(line);
  return false;
}
