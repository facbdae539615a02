export { type Explainer, explainHere, explainInChildren } from './explain-in-child.ts';
export type { ExplainTask } from './types.ts';
