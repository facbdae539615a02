export { type MadeEnvironment, makeEnvironment } from './image.ts';
export { resolveLock } from './resolve.ts';
export { RECIPE } from './scripts.ts';
export type { EnvironmentContext, EnvironmentMemory, KnownEnvironment } from './types.ts';
