export { type CompareLimits, DEFAULT_COMPARE_LIMITS } from './budget.ts';
export { bufferSource } from './buffer-source.ts';
export { escapeName, escapeText } from './escape.ts';
export { type ExplainOptions, explain } from './explain.ts';
export { fileSource } from './file-source.ts';
export { renderText, type TextReportOptions } from './report/text.ts';
export type { ByteSource } from './types.ts';
export { type ControlResult, type Evidence, judge, judgeArtifacts } from './verdict.ts';
