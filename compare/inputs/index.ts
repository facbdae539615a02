export { type FolderOptions, folderInput } from './folder.ts';
export { type InputOptions, type OpenedInputs, openInputs } from './open.ts';
export { type SpooledSource, type SpoolOptions, spool } from './spool.ts';
