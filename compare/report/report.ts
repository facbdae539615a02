import type { Comparison } from '../comparison.ts';

export const REPORT_KINDS = ['json', 'text', 'summary', 'markdown', 'html', 'diffoscope-json'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

export type ReportOptions = {
  /** text: with colours, for a terminal. */
  readonly colour?: boolean;
  /** text, markdown, html: bytes after which the rest is left out, and said to be. */
  readonly maxBytes?: number;
  /** summary: the command that shows all of it. */
  readonly next?: string;
};

/**
 * A comparison as a report, in pieces to be written one after the other: none of them holds all of a large tree. The
 * same comparison gives the same bytes. What a kind of report is made by is loaded when it is asked for.
 */
export async function report(
  comparison: Comparison,
  kind: ReportKind,
  options: ReportOptions = {},
): Promise<Iterable<string>> {
  switch (kind) {
    case 'json':
      return (await import('./json.ts')).jsonReport(comparison);
    case 'text':
      return (await import('./tree-text.ts')).textReport(comparison, options);
    case 'summary':
      return (await import('./summary.ts')).summaryReport(comparison, options);
    case 'markdown':
      return (await import('./markdown.ts')).markdownReport(comparison, options);
    case 'html':
      return (await import('./html/index.ts')).htmlReport(comparison, options);
    case 'diffoscope-json':
      return (await import('./diffoscope-json.ts')).diffoscopeJsonReport(comparison);
    default:
      return kind satisfies never;
  }
}
