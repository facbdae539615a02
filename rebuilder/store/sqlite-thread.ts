/** The thread of sqlite-aside.ts: reads what it is asked, over a connection of its own that cannot write. */
import { workerData } from 'node:worker_threads';
import { answerQuestions } from '../asking-thread.ts';
import type { AsideQuestion } from './sqlite-aside.ts';
import { openToRead } from './sqlite-reading.ts';
import { withKeptStatements } from './statement-cache.ts';

const { file, cacheKibibytes } = workerData as { readonly file: string; readonly cacheKibibytes: number };
const statements = withKeptStatements(openToRead(file, cacheKibibytes));

answerQuestions<AsideQuestion, unknown[]>(
  ({ sql, parameters }) => statements.prepare(sql).all(parameters) as unknown[],
);
