export { type HistoryImport, type ImportedHistory, importRebuilderdHistory } from './rebuilderd-history.ts';
