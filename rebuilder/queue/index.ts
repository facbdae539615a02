export { type LocalWorker, type LocalWorkerOptions, startLocalWorker } from './local-worker.ts';
export { type Attached, failedResult, resultOf } from './result-of.ts';
export { type RebuilderExecutorOptions, rebuilderExecutor } from './run-job.ts';
export { type Reverification, type Schedule, type ScheduleOptions, startSchedule } from './schedule.ts';
export type { BuildLogs, ExecutionWatch, Executor, WorkerEvent } from './types.ts';
export { createWakeUps, type WakeUps, wakingJobs } from './wake-ups.ts';
