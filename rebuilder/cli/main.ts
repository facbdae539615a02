#!/usr/bin/env -S node --max-semi-space-size=2 --no-parallel-scavenge --expose-gc
import { type Command, CommanderError } from 'commander';
import { isReproofError, ReproofError } from '../../model/index.ts';
import type { CommandContext } from './context.ts';
import { openOutput } from './output.ts';

/** EX_IOERR of sysexits.h(3head). */
const OUTPUT_FAILED = 74;
/** Of `reproof compare`, where 0 is identical and 1 is different. */
const COMPARE_TROUBLE = 2;

const LOADED_ALONE = new Map([
  ['compare', () => import('./commands/compare.ts')],
  ['verify', () => import('./commands/verify.ts')],
]);

/** Runs one command line to its end and gives the exit status. `argv` is without node and the script. */
export async function main(argv: readonly string[]): Promise<number> {
  const environment = process.env;
  // As for diffoscope, with which whatever goes wrong is trouble.
  const trouble = isCompare(argv) ? COMPARE_TROUBLE : undefined;
  const endOutput = (): never => process.exit(trouble ?? OUTPUT_FAILED);
  const stderr = openOutput(process.stderr, environment, endOutput);
  const stdout = openOutput(process.stdout, environment, (error) => {
    process.stderr.write(`reproof: writing standard output: ${error.message}\n`, endOutput);
  });
  const stop = stopOnSignals((text) => void stderr.write(text));
  let status = 0;
  const context: CommandContext = {
    stdout,
    stderr,
    environment,
    workingFolder: process.cwd(),
    signal: stop,
    settings: async (options) => {
      const { readSettings } = await import('./read-settings.ts');
      return readSettings(options, { environment, workingFolder: process.cwd() });
    },
    endWith: (wanted) => {
      status = wanted;
    },
  };
  try {
    const program = await programFor(argv, context);
    if (argv.length === 0) {
      await stderr.write(program.helpInformation());
      return 64;
    }
    await program.parseAsync(isCompare(argv) ? await withArgumentFiles(argv) : argv, { from: 'user' });
    return status;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const { reportFailure } = await import('./failure.ts');
    const style = {
      stdout,
      stderr,
      json: given(argv, '--json'),
      debug: given(argv, '--debug'),
      resumable: !['compare', 'sbom'].includes(commandOf(argv) ?? ''),
      hasData: !['compare', 'verify'].includes(commandOf(argv) ?? ''),
    };
    const failed = await reportFailure(usageError(thrown) ?? interruption(thrown, stop) ?? thrown, style);
    return trouble ?? failed;
  }
}

/** Of the commands that are run once for each of many files only the one that is named is loaded. */
async function programFor(argv: readonly string[], context: CommandContext): Promise<Command> {
  const load = LOADED_ALONE.get(argv[0] ?? '');
  if (load === undefined) return (await import('./program.ts')).createProgram(context);
  const [{ baseProgram }, { register }] = await Promise.all([import('./base-program.ts'), load()]);
  const program = baseProgram(context);
  register(program, context);
  return program;
}

async function withArgumentFiles(argv: readonly string[]): Promise<readonly string[]> {
  const { expandArgumentFiles } = await import('./compare/argument-files.ts');
  return expandArgumentFiles(argv);
}

function isCompare(argv: readonly string[]): boolean {
  return commandOf(argv) === 'compare';
}

function commandOf(argv: readonly string[]): string | undefined {
  return argv.find((word) => !word.startsWith('-'));
}

function given(argv: readonly string[], option: string): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes(option);
}

function usageError(thrown: unknown): ReproofError | undefined {
  if (!(thrown instanceof CommanderError)) return undefined;
  const message = thrown.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
  // `reproof help` and `reproof cache` without a word print help as an error.
  return new ReproofError('USAGE', message === '(outputHelp)' ? 'a command is missing' : message, { cause: thrown });
}

/** What breaks after a signal came broke because of it. */
function interruption(thrown: unknown, stop: AbortSignal): ReproofError | undefined {
  if (!stop.aborted || isReproofError(thrown)) return undefined;
  return new ReproofError('INTERRUPTED', 'interrupted', { cause: thrown });
}

/** The first SIGINT or SIGTERM asks to stop in good order, the second ends at once. */
function stopOnSignals(say: (text: string) => void): AbortSignal {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    say(`\nreproof: stopping (${signal}); once more to stop at once\n`);
    controller.abort(new ReproofError('INTERRUPTED', `interrupted by ${signal}`, { context: { signal } }));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return controller.signal;
}

if (import.meta.main) {
  // Ending by hand: a connection kept alive for reuse would hold the process.
  main(process.argv.slice(2)).then(
    // A write that failed is told on the next turn, with a status of its own.
    (status) => setImmediate(() => process.exit(status)),
    (thrown: unknown) => {
      process.stderr.write(`reproof: unexpected: ${thrown instanceof Error ? thrown.stack : thrown}\n`);
      process.exit(70);
    },
  );
}
