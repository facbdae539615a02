export { ecosystems } from './registry.ts';
export type { Ecosystem, LocateContext, PlanInputs, TargetOptions, Unplannable } from './types.ts';
