import { extname, join } from 'node:path';
import { ERROR_EXIT_STATUS, type ErrorCode, ReproofError } from '../../model/index.ts';
import { runProgram } from '../../programs/index.ts';
import type { SyncAnswer } from './child.ts';
import type { SyncTask } from './perform-sync.ts';
import type { SyncOutcome } from './types.ts';

const LIMITS = { wallSeconds: 3600, outputBytes: 1024 * 1024 };
/** Garbage is collected sooner than Node would by itself: a sync of the largest suite keeps about 100 MB. */
const FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=2', '--max-old-space-size=160'];

/**
 * Runs a sync in a process of its own, at whose work and transactions nobody in this one has to wait. Aborting `signal`
 * kills it, which changes nothing. Throws what the sync threw, by code and message; PROGRAM_FAILED when the process
 * ended without an answer; INTERRUPTED.
 */
export async function syncInChild(task: SyncTask, signal: AbortSignal): Promise<SyncOutcome> {
  const file = join(import.meta.dirname, `child${extname(import.meta.filename)}`);
  const { stdout, stderr, status } = await runProgram([process.execPath, ...FLAGS, file], {
    limits: LIMITS,
    input: Buffer.from(JSON.stringify(task)),
    signal,
    called: 'the sync',
  });
  const answer = readAnswer(stdout.toString('utf8'));
  if (answer?.kind === 'done') return answer.outcome;
  if (answer === undefined) {
    const said = stderr.trim().split('\n').at(-1) ?? '';
    const message = `syncing profile ${task.profile.name}: its process ended with status ${status} and no answer: ${said}`;
    throw new ReproofError('PROGRAM_FAILED', message, { context: { status } });
  }
  throw new ReproofError(isCode(answer.code) ? answer.code : 'INTERNAL', answer.message);
}

function readAnswer(text: string): SyncAnswer | undefined {
  return text.endsWith('\n') ? (JSON.parse(text) as SyncAnswer) : undefined;
}

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_EXIT_STATUS, code);
}
