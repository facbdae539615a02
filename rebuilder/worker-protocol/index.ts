export { WORKER_LIMITS, type WorkerLimits } from './limits.ts';
export * from './requests.ts';
export * from './responses.ts';
export { signupProof } from './signup-proof.ts';
