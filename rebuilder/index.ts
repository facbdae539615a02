export { openRebuilder } from './open-rebuilder.ts';
export type { Rebuilder, RebuilderOptions, RebuildOrder, Watch } from './rebuilder-options.ts';
