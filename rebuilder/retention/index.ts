export { retentionInChild } from './retention-in-child.ts';
export { keepRetention, type RetentionSchedule, runIfDue } from './schedule.ts';
export type { RetentionTask } from './types.ts';
