import { isReproofError } from '../../model/index.ts';
import { runProgram } from '../../programs/index.ts';

/** Bytes of memory that a program may write to, beside what is mapped from files (RLIMIT_DATA). */
const MEMORY_BYTES = 2 * 2 ** 30;
/** Bytes of a file that it may write. */
const FILE_BYTES = 2 ** 30;
const PROBE = { wallSeconds: 10, outputBytes: 4096 };

let found: Promise<readonly string[]> | undefined;

/**
 * What is put before a program that reads hostile files: prlimit(1), so that memory, processor time, files and core
 * dumps are limited, and unshare(1), so that it sees no network. As much of it as this system has and allows, which is
 * tried once. Both become the program, so that a process group still ends as one.
 */
export async function confinement(processorSeconds: number): Promise<readonly string[]> {
  found ??= probe();
  return (await found).map((part) => part.replace('{seconds}', String(Math.max(1, Math.ceil(processorSeconds)))));
}

async function probe(): Promise<readonly string[]> {
  const limits = ['prlimit', `--data=${MEMORY_BYTES}`, `--fsize=${FILE_BYTES}`, '--core=0', '--cpu={seconds}', '--'];
  const networks = [['unshare', '-n', '--'], ['unshare', '-r', '-n', '--'], []];
  const limited = (await works(limits)) ? limits : [];
  for (const network of networks)
    if (network.length === 0 || (await works([...limited, ...network]))) return [...limited, ...network];
  return limited;
}

async function works(prefix: readonly string[]): Promise<boolean> {
  const [program = 'true', ...rest] = prefix.map((part) => part.replace('{seconds}', '10'));
  try {
    return (await runProgram([program, ...rest, 'true'], { limits: PROBE })).status === 0;
  } catch (error) {
    if (isReproofError(error)) return false;
    throw error;
  }
}
