export { ecosystems } from './registry.ts';
export type {
  Ecosystem,
  ListContext,
  ListRequest,
  LocateContext,
  OpenedList,
  PlanInputs,
  PublishedList,
  TargetOptions,
  Unplannable,
} from './types.ts';
