import { displayWidth, escapeTerminal } from './terminal-text.ts';

/** Rows under their heads, in columns as wide as their widest cell; every cell is escaped. No rows: no text. */
export function tableText(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const cells = [heads, ...rows.map((row) => row.map(escapeTerminal))];
  const widths = heads.map((_head, column) =>
    cells.reduce((most, row) => Math.max(most, displayWidth(row[column] ?? '')), 0),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - displayWidth(cell)))
      .join('  ')
      .trimEnd();
  return `${cells.map(line).join('\n')}\n`;
}
