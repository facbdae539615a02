import { isReproofError } from '../../model/index.ts';
import { runProgram } from '../../programs/index.ts';

/** Bytes of a file that it may write. */
const FILE_BYTES = 2 ** 30;
const PROBE = { wallSeconds: 10, outputBytes: 4096 };

export type Bounds = {
  readonly processorSeconds: number;
  /** What it may write to, beside what is mapped from files (RLIMIT_DATA). */
  readonly memoryBytes: number;
};

let found: Promise<readonly string[]> | undefined;

/**
 * What is put before a program that reads hostile files: prlimit(1), so that memory, processor time, files and core
 * dumps are limited, and unshare(1), so that it sees no network. As much of it as this system has and allows, which is
 * tried once. Both become the program, so that a process group still ends as one.
 */
export async function confinement(bounds: Bounds): Promise<readonly string[]> {
  found ??= probe();
  return bounded(await found, bounds);
}

function bounded(prefix: readonly string[], { processorSeconds, memoryBytes }: Bounds): readonly string[] {
  const seconds = Math.max(1, Math.ceil(processorSeconds));
  // At the first the program gets SIGXCPU, which says what ended it; where that is caught, SIGKILL follows at the last.
  const last = seconds + 1;
  return prefix.map((part) =>
    part.replace('{seconds}', String(seconds)).replace('{last}', String(last)).replace('{memory}', String(memoryBytes)),
  );
}

async function probe(): Promise<readonly string[]> {
  const limits = ['prlimit', '--data={memory}', `--fsize=${FILE_BYTES}`, '--core=0', '--cpu={seconds}:{last}', '--'];
  const networks = [['unshare', '-n', '--'], ['unshare', '-r', '-n', '--'], []];
  const limited = (await works(limits)) ? limits : [];
  for (const network of networks)
    if (network.length === 0 || (await works([...limited, ...network]))) return [...limited, ...network];
  return limited;
}

async function works(prefix: readonly string[]): Promise<boolean> {
  const [program = 'true', ...rest] = bounded(prefix, { processorSeconds: 10, memoryBytes: 2 ** 30 });
  try {
    return (await runProgram([program, ...rest, 'true'], { limits: PROBE })).status === 0;
  } catch (error) {
    if (isReproofError(error)) return false;
    throw error;
  }
}
