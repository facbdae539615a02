import { ERROR_EXIT_STATUS, type ErrorCode, isReproofError, ReproofError } from '../../model/index.ts';
import { writeJson } from './context.ts';
import type { Output } from './output.ts';
import { escapeTerminal } from './terminal-text.ts';
import { WAYS_OUT } from './ways-out.ts';

/** How failures are told: `json` one object on standard output as well, `debug` the stack on standard error. */
export type FailureStyle = {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly json: boolean;
  readonly debug: boolean;
  /** True where what was begun is kept, and can be gone on with. */
  readonly resumable: boolean;
  /** True for commands with a data folder, in which they may fail to write. */
  readonly hasData: boolean;
};

/** Errors whose way out is about packages that were rebuilt, or the data folder. */
const OF_DATA: ReadonlySet<ErrorCode> = new Set(['STORE_FAILED', 'ARCHIVE_LIMIT']);

/** Anything thrown, as one of our errors: what we did not throw on purpose is a defect of ours. */
export function asReproofError(thrown: unknown): ReproofError {
  if (isReproofError(thrown)) return thrown;
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new ReproofError('INTERNAL', `unexpected: ${message.split('\n')[0]}`, { cause: thrown });
}

/** Tells a person (and, with json, a program) what failed and the way out. Gives the exit status. */
export async function reportFailure(thrown: unknown, style: FailureStyle): Promise<number> {
  const error = asReproofError(thrown);
  const inapplicable =
    (error.code === 'INTERRUPTED' && !style.resumable) || (OF_DATA.has(error.code) && !style.hasData);
  const way = inapplicable ? undefined : WAYS_OUT[error.code];
  const lines = [`reproof: ${escapeTerminal(error.message)}`];
  if (way !== undefined) lines.push(`  → ${way}`);
  if (style.debug) lines.push(`${error.code}`, ...stackOf(error));
  await style.stderr.write(`${lines.join('\n')}\n`);
  if (style.json)
    await writeJson(style.stdout, { error: { code: error.code, message: error.message, context: error.context } });
  return ERROR_EXIT_STATUS[error.code];
}

function stackOf(error: Error): readonly string[] {
  const lines = (error.stack ?? '').split('\n').map(escapeTerminal);
  return error.cause instanceof Error ? [...lines, 'caused by:', ...stackOf(error.cause)] : lines;
}
