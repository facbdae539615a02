export { connectEngine, type Engine } from './client.ts';
export { engineError } from './container.ts';
