import { join } from 'node:path';
import { ERROR_EXIT_STATUS, type ErrorCode, ReproofError } from '../../../model/index.ts';
import { openAskingThread } from '../../asking-thread.ts';
import type { ReadingStore } from '../../store/index.ts';
import { answerQuestion } from './answer-question.ts';
import type { ListPart, ListQuestion, Telling } from './questions.ts';

/** Parts of lists, read and told in JSON. */
export type Lists = {
  /** Throws STORE_BUSY, STORE_CORRUPT and STORE_FAILED. */
  readonly ask: (question: ListQuestion, telling: Telling) => Promise<ListPart>;
  readonly close: () => Promise<void>;
};

/** What keeps the thread from ever taking all memory: 128 MiB of rows are kept, a part is a few MB, one after the other. */
const HEAP_MEBIBYTES = 384;

/** Lists that are read where they are asked: for a database that answers in a process of its own. */
export function listsOf(store: ReadingStore): Lists {
  return { ask: (question, telling) => answerQuestion(store, question, telling), close: async () => {} };
}

/**
 * Lists of a SQLite file, read and told in a thread of its own: a page of a thousand rows takes the time of many small
 * answers, and whoever asks for what is no list does not wait for it.
 */
export function openLists(file: string): Lists {
  const thread = openAskingThread<{ readonly question: ListQuestion; readonly telling: Telling }, ListPart>({
    program: join(import.meta.dirname, 'thread'),
    data: { file },
    heapMebibytes: HEAP_MEBIBYTES,
    doing: 'reads lists',
    // What the thread throws is what the store throws.
    errorOf: ({ message, code }) =>
      Object.hasOwn(ERROR_EXIT_STATUS, code) ? new ReproofError(code as ErrorCode, message) : new Error(message),
  });
  return { ask: (question, telling) => thread.ask({ question, telling }), close: thread.close };
}
