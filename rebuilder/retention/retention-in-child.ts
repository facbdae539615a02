import { extname, join } from 'node:path';
import { ERROR_EXIT_STATUS, type ErrorCode, ReproofError } from '../../model/index.ts';
import { runProgram } from '../../programs/index.ts';
import type { Pruned } from '../store/index.ts';
import type { RetentionAnswer, RetentionTask } from './types.ts';

const LIMITS = { wallSeconds: 6 * 3600, outputBytes: 1024 * 1024 };

/**
 * Deletes what the rules let go, in a process of its own: it reads every result and every file's name. Aborting `signal`
 * kills it, which leaves the rest to the next time. Throws what the work threw, by code and message; PROGRAM_FAILED
 * when the process ended without an answer; INTERRUPTED.
 */
export async function retentionInChild(task: RetentionTask, signal: AbortSignal): Promise<Pruned> {
  const file = join(import.meta.dirname, `child${extname(import.meta.filename)}`);
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', file] as const;
  const { stdout, status } = await runProgram(argv, {
    limits: LIMITS,
    input: Buffer.from(JSON.stringify(task)),
    signal,
    called: 'retention',
  });
  const text = stdout.toString('utf8');
  const answer = text.endsWith('\n') ? (JSON.parse(text) as RetentionAnswer) : undefined;
  if (answer?.kind === 'done') return answer.pruned;
  if (answer === undefined)
    throw new ReproofError('PROGRAM_FAILED', `deleting old files: the process ended with ${status} and no answer`);
  const code = Object.hasOwn(ERROR_EXIT_STATUS, answer.code) ? (answer.code as ErrorCode) : 'INTERNAL';
  throw new ReproofError(code, answer.message);
}
