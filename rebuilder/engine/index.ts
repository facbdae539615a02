export { connectEngine, type Engine } from './client.ts';
