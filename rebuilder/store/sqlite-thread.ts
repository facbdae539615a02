/** The thread of sqlite-aside.ts: reads what it is asked, over a connection of its own that cannot write. */
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import type { AsideAnswer, AsideQuestion } from './sqlite-aside.ts';
import { withKeptStatements } from './statement-cache.ts';

const { file, cacheKibibytes } = workerData as { readonly file: string; readonly cacheKibibytes: number };
const handle = new Sqlite(file, { readonly: true, fileMustExist: true });
handle.pragma('trusted_schema = off');
handle.pragma(`cache_size = -${cacheKibibytes}`);
const statements = withKeptStatements(handle);

parentPort?.on('message', (question: AsideQuestion) => parentPort?.postMessage(answer(question)));

function answer(question: AsideQuestion): AsideAnswer {
  const { number, sql, parameters } = question;
  try {
    return { number, rows: statements.prepare(sql).all(parameters) };
  } catch (error) {
    const { message, code = '' } = error as Error & { readonly code?: string };
    return { number, failure: { message, code } };
  }
}
