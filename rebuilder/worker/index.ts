export { engineCapabilities } from './capabilities.ts';
export { type WorkerSettings, workFor } from './open-worker.ts';
export type { RemoteWorkerEvent } from './run-worker.ts';
export { serverAddress } from './server-address.ts';
export { testify } from './testify.ts';
