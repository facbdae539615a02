/** The thread of open-lists.ts: reads and tells parts of lists, over a connection of its own that cannot write. */
import { workerData } from 'node:worker_threads';
import { answerQuestions } from '../../asking-thread.ts';
import { openReadingStore } from '../../store/index.ts';
import { answerQuestion } from './answer-question.ts';
import { keepTargets } from './kept-targets.ts';
import type { ListPart, ListQuestion, Telling } from './questions.ts';

const { file } = workerData as { readonly file: string };
const store = openReadingStore(file);
const targets = keepTargets(store.targets);

answerQuestions<{ readonly question: ListQuestion; readonly telling: Telling }, ListPart>(
  ({ question, telling }) =>
    question.list === 'targets' ? targets.answer(question, telling) : answerQuestion(store, question, telling),
  ({ rows }) => [rows.buffer],
);
