import { type ProgramLimits, type ProgramOptions, runProgram, streamProgram } from '../../programs/index.ts';
import type { Budget } from '../budget.ts';

type Argv = readonly [string, ...string[]];
type Given = Omit<ProgramOptions, 'limits' | 'signal'> & {
  /** Bytes that it may print. */
  readonly outputBytes: number;
  /** Wall time, where that is less than the budget's `programSeconds`. */
  readonly seconds?: number;
};

/**
 * Runs a program within what is left of the budget. What ends the comparison ends the program and all it started; throws
 * as runProgram, and ARCHIVE_LIMIT where it was ended because what was found is enough.
 */
export async function runWithin(
  budget: Budget,
  argv: Argv,
  { outputBytes, seconds, ...given }: Given,
): ReturnType<typeof runProgram> {
  try {
    return await runProgram(argv, { ...given, ...boundsOf(budget, outputBytes, seconds) });
  } catch (error) {
    throw budget.reasonOf(error);
  }
}

/** The same for what a program prints, as it comes. */
export async function* streamWithin(
  budget: Budget,
  argv: Argv,
  { outputBytes, seconds, ...given }: Given,
): AsyncGenerator<Uint8Array> {
  try {
    yield* streamProgram(argv, { ...given, ...boundsOf(budget, outputBytes, seconds) });
  } catch (error) {
    throw budget.reasonOf(error);
  }
}

function boundsOf(
  { limits, ending }: Budget,
  outputBytes: number,
  seconds = limits.programSeconds,
): { readonly limits: ProgramLimits; readonly signal?: AbortSignal } {
  return {
    limits: { wallSeconds: Math.min(seconds, limits.programSeconds), outputBytes },
    ...(ending === undefined ? {} : { signal: ending }),
  };
}
