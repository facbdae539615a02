import type { JsonValue } from '../../../formats/index.ts';

/** Blanks before a line stop growing here: what is nested without end must not become blanks without end. */
const DEEPEST_INDENT = 32;

/** A value, one key or item a line as written, two blanks deeper for each level. */
export function prettyJson(value: JsonValue): readonly string[] {
  const lines: string[] = [];
  const write = (before: string, one: JsonValue, after: string, depth: number): void => {
    const indent = '  '.repeat(Math.min(depth, DEEPEST_INDENT));
    if (one.kind === 'array') {
      lines.push(`${indent}${before}[`);
      for (const [index, item] of one.items.entries())
        write('', item, index < one.items.length - 1 ? ',' : '', depth + 1);
      lines.push(`${indent}]${after}`);
    } else if (one.kind === 'object') {
      lines.push(`${indent}${before}{`);
      for (const [index, entry] of one.entries.entries())
        write(`${entry.text}: `, entry.value, index < one.entries.length - 1 ? ',' : '', depth + 1);
      lines.push(`${indent}}${after}`);
    } else lines.push(`${indent}${before}${one.text}${after}`);
  };
  write('', value, '', 0);
  return lines;
}
