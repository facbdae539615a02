import { extname } from 'node:path';
import { parentPort, type Transferable, Worker } from 'node:worker_threads';

/** What a thread could not answer, and why: `code` is an error's own, or empty. */
export type Failure = { readonly message: string; readonly code: string };
type Asked<Question> = { readonly number: number; readonly question: Question };
type Told<Answer> =
  | { readonly number: number; readonly answer: Answer }
  | { readonly number: number; readonly failure: Failure };

/** A thread that answers questions, in the order they come. */
export type AskingThread<Question, Answer> = {
  /** Rejects with what `errorOf` makes of a failure, and when the thread ends or is closed. */
  readonly ask: (question: Question) => Promise<Answer>;
  /** How many questions are not answered yet. */
  readonly waiting: () => number;
  readonly close: () => Promise<void>;
};

export type ThreadOptions = {
  /** The thread's program, a path without its ending: sources end in .ts, what is built of them in .js, and so does this. */
  readonly program: string;
  /** What the program finds as `workerData`. */
  readonly data: unknown;
  /** Its heap may not grow past this: a thread that takes all memory would take this process with it. */
  readonly heapMebibytes: number;
  /** What it does, for the message when it ends. */
  readonly doing: string;
  readonly errorOf: (failure: Failure) => Error;
};

/** A thread that begins with the first question, and anew with the next one after it ended. */
export function openAskingThread<Question, Answer>(options: ThreadOptions): AskingThread<Question, Answer> {
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  let thread: Worker | undefined;
  let asked = 0;
  let closed = false;
  /** Of a thread that ended: the next one's questions are its own. */
  const fail = (ended: Worker, error: Error): void => {
    if (thread !== ended) return;
    thread = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const settle = (told: Told<Answer>): void => {
    const asker = waiting.get(told.number);
    waiting.delete(told.number);
    // Only what is awaited keeps the process alive.
    if (waiting.size === 0) thread?.unref();
    if ('answer' in told) asker?.resolve(told.answer);
    else asker?.reject(options.errorOf(told.failure));
  };
  const start = (): Worker => {
    const started = new Worker(`${options.program}${extname(import.meta.filename)}`, {
      workerData: options.data,
      resourceLimits: { maxOldGenerationSizeMb: options.heapMebibytes },
    });
    started.on('message', settle);
    started.on('error', (error) => fail(started, error));
    started.on('exit', () => fail(started, new Error(`the thread that ${options.doing} ended`)));
    return started;
  };
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Error(`the thread that ${options.doing} is closed`));
        thread ??= start();
        thread.ref();
        asked += 1;
        waiting.set(asked, { resolve, reject });
        thread.postMessage({ number: asked, question } satisfies Asked<Question>);
      }),
    waiting: () => waiting.size,
    close: async () => {
      closed = true;
      await thread?.terminate();
    },
  };
}

/** In the thread: answers what is asked of it. `moved` names what of an answer is handed over rather than copied. */
export function answerQuestions<Question, Answer>(
  answer: (question: Question) => Answer | Promise<Answer>,
  moved: (answer: Answer) => readonly Transferable[] = () => [],
): void {
  parentPort?.on('message', async ({ number, question }: Asked<Question>) => {
    try {
      const given = await answer(question);
      parentPort?.postMessage({ number, answer: given } satisfies Told<Answer>, [...moved(given)]);
    } catch (error) {
      const { message, code = '' } = error as Error & { readonly code?: string };
      parentPort?.postMessage({ number, failure: { message, code } } satisfies Told<Answer>);
    }
  });
}
