export { WORKER_LIMITS, type WorkerLimits } from './limits.ts';
export * from './requests.ts';
export * from './responses.ts';
export { signupProof } from './signup-proof.ts';
export { TAKES_TESTIMONY, type Testimony, testimony } from './testimony.ts';
export { type JobTestified, misfitOf } from './testimony-of-job.ts';
