import { extname, join } from 'node:path';
import PQueue from 'p-queue';
import { explain, fileSource } from '../../compare/index.ts';
import { type Difference, ERROR_EXIT_STATUS, type ErrorCode, ReproofError } from '../../model/index.ts';
import { runProgram } from '../../programs/index.ts';
import type { ExplainAnswer, ExplainTask } from './types.ts';

/** Says how two files differ, as compare's explain does. Throws as it does, and INTERRUPTED when `signal` aborts. */
export type Explainer = (task: ExplainTask, signal: AbortSignal) => Promise<Difference>;

/** A tree is bounded by the task's limits: this only ends a child that has gone mad. */
const LIMITS = { wallSeconds: 6 * 3600, outputBytes: 256 * 1024 ** 2 };
const HEAP_MEBIBYTES = 2048;

/** In this process, and in turns with whatever else it does. */
export const explainHere: Explainer = async ({ path, left, right, limits }, signal) =>
  explain(await fileSource(left), await fileSource(right), { path, limits, signal });

/**
 * In a process of its own, so many at a time, the others in the order they came: nobody whom this process answers waits
 * for a comparison, and files that would end one end only that. Also throws PROGRAM_FAILED, when it ended unasked.
 */
export function explainInChildren(atOnce: number, heapMebibytes = HEAP_MEBIBYTES): Explainer {
  const turns = new PQueue({ concurrency: atOnce });
  return (task, signal) => turns.add(() => explainInChild(task, heapMebibytes, signal));
}

async function explainInChild(task: ExplainTask, heapMebibytes: number, signal: AbortSignal): Promise<Difference> {
  if (signal.aborted) throw new ReproofError('INTERRUPTED', `comparing ${task.path}: interrupted`);
  const file = join(import.meta.dirname, `child${extname(import.meta.filename)}`);
  const flags = ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${heapMebibytes}`];
  const { stdout, status } = await runProgram([process.execPath, ...flags, file], {
    limits: LIMITS,
    input: Buffer.from(JSON.stringify(task)),
    signal,
    called: 'the comparison',
  });
  const text = stdout.toString('utf8');
  const answer = text.endsWith('\n') ? (JSON.parse(text) as ExplainAnswer) : undefined;
  if (answer?.kind === 'done') return answer.difference;
  if (answer === undefined)
    throw new ReproofError('PROGRAM_FAILED', `comparing ${task.path}: the process ended with ${status} and no answer`);
  const code = Object.hasOwn(ERROR_EXIT_STATUS, answer.code) ? (answer.code as ErrorCode) : 'INTERNAL';
  throw new ReproofError(code, answer.message);
}
