/** The thread of sqlite-checkpoints.ts. */
import { workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import { answerQuestions } from '../asking-thread.ts';
import type { Checkpoint } from './sqlite-checkpoints.ts';

const { file } = workerData as { readonly file: string };
const handle = new Sqlite(file, { fileMustExist: true });
handle.pragma('trusted_schema = off');
handle.pragma('synchronous = full');
// Passive: it waits for nobody, and nobody waits for it.
const checkpoint = handle.prepare<[], Checkpoint>('pragma wal_checkpoint(passive)');

answerQuestions<null, Checkpoint>(() => checkpoint.get() ?? { busy: 1, log: -1, checkpointed: -1 });
