export { type CompareLimits, DEFAULT_COMPARE_LIMITS } from './budget.ts';
export { bufferSource } from './buffer-source.ts';
export { type CompareInput, type CompareOptions, compare, type MemberInput } from './compare.ts';
export {
  COMPARISON_FORMAT,
  COMPARISON_VERSION,
  type ComparedInput,
  type Comparison,
  type ComparisonCounts,
} from './comparison.ts';
export { escapeName, escapeText } from './escape.ts';
export { type ExplainOptions, explain } from './explain.ts';
export { fileSource } from './file-source.ts';
export { type ListedTool, listTools } from './helpers/list-tools.ts';
export * from './inputs/index.ts';
export type { OnProgress, ProgressStep } from './progress.ts';
export { readComparison } from './report/read-comparison.ts';
export { REPORT_KINDS, type ReportKind, type ReportOptions, report } from './report/report.ts';
export { renderText, type TextReportOptions } from './report/text.ts';
export type { ByteSource } from './types.ts';
export { type ControlResult, type Evidence, judge, judgeArtifacts } from './verdict.ts';
