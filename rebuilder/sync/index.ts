export { performSync, type SyncTask } from './perform-sync.ts';
export { parseRule, RULE_FIELDS, type Rule, type RuleField, type Rules } from './rules.ts';
export { type ScheduledProfile, type ScheduleEvent, type ScheduleOptions, startSyncSchedule } from './schedule.ts';
export { syncInChild } from './sync-in-child.ts';
export type { SyncOutcome, SyncProfile, SyncProgress } from './types.ts';
