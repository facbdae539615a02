import type { Verdict } from '../../../model/index.ts';
import type { RebuildSummary } from '../../store/index.ts';
import { clean, colour, type ReportOptions } from './layout.ts';
import { requestWords, VERDICT_STYLES, verdictWords } from './words.ts';

const HEADINGS = ['REBUILD', 'BEGUN', 'WHAT', 'VERDICT'] as const;
const GAP = 2;
const MIN_WHAT = 16;

/**
 * Summaries as a table, one line each, in the order given: id, when it began (UTC), what was rebuilt (or asked for,
 * while that is all there is), and the verdict or how far it came. What does not fit `width` is cut in the column WHAT.
 * Ends in a newline; says so when there is nothing.
 */
export function rebuildTable(summaries: readonly RebuildSummary[], options: ReportOptions): string {
  if (summaries.length === 0) return 'No rebuilds.\n';
  const rows = [HEADINGS, ...summaries.map(cellsOf)];
  const widths = HEADINGS.map((_heading, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const total = widths.reduce((sum, width) => sum + width + GAP, -GAP);
  const whatWidth = Math.max(MIN_WHAT, (widths[2] ?? 0) - Math.max(0, total - options.width));
  const lines = rows.map(([id, begun, what, verdict], index) => {
    const start = [id.padEnd(widths[0] ?? 0), begun.padEnd(widths[1] ?? 0), cut(what, whatWidth), ''];
    return start.join(' '.repeat(GAP)) + colour(verdict, index === 0 ? 'bold' : styleOf(summaries[index - 1]), options);
  });
  return `${lines.join('\n')}\n`;
}

type Cells = readonly [string, string, string, string];

function cellsOf(summary: RebuildSummary): Cells {
  const { source, version = '', suite = '', architecture = '' } = summary;
  const what =
    source === undefined ? requestWords(summary.request.target) : `${source} ${version} ${suite} ${architecture}`;
  const verdict =
    summary.verdict === undefined
      ? `unfinished${summary.lastStage === undefined ? '' : ` (after ${summary.lastStage})`}`
      : verdictWords({ kind: summary.verdict, reason: summary.reason });
  const begun = summary.createdAt.replace('T', ' ').replace(/(\.\d+)?Z$/, 'Z');
  return [clean(summary.id), clean(begun), clean(what), clean(verdict)];
}

function styleOf(summary: RebuildSummary | undefined) {
  return VERDICT_STYLES[summary?.verdict as Verdict['kind']] ?? 'dim';
}

function cut(text: string, width: number): string {
  return text.length <= width ? text.padEnd(width) : `${text.slice(0, width - 1)}…`;
}
