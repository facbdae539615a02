import { hostname } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import type { CommandContext } from '../context.ts';
import { addBuildOptions, type BuildOptions } from './rebuild-options.ts';

type WorkerCommandOptions = BuildOptions & {
  readonly server: string;
  readonly name?: string;
  readonly jobs: number;
  readonly key?: string;
  readonly signup?: string;
};

const MOST_JOBS = 256;

/** Adds `reproof worker`. It tells what it does line by line; with --json one JSON object for each. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('worker')
    .description('build for a service on another machine')
    .requiredOption('--server <url>', "the service's address")
    .option('--name <name>', "what the service calls this worker; the machine's name when not given")
    .option('--jobs <n>', 'builds at a time', jobCount, 1)
    .option('--key <file>', 'the private key that requests are signed with; made when it is not there')
    .option(
      '--signup <secret>',
      'what the service wants to know of a new worker: a file, or the secret itself (also REPROOF_SIGNUP)',
    );
  addBuildOptions(command).action(async (options: WorkerCommandOptions) => {
    const settings = await context.settings(options);
    const { runWorkerCommand } = await import('../worker-runner.ts');
    await runWorkerCommand(
      {
        server: options.server,
        name:
          options.name ??
          hostname()
            .replaceAll(/[^A-Za-z0-9._-]/g, '-')
            .slice(0, 64),
        builds: options.jobs,
        ...(options.key === undefined ? {} : { keyFile: options.key }),
        signup: options.signup ?? context.environment.REPROOF_SIGNUP,
        verbose: options.verbose === true,
        settings,
      },
      {
        signal: context.signal,
        tell: async (text, json) => {
          if (options.json) await context.stdout.write(`${JSON.stringify(json)}\n`);
          else if (!options.quiet) await context.stdout.write(`${text}\n`);
        },
      },
    );
  });
}

function jobCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,3}$/.test(text) && count >= 1 && count <= MOST_JOBS) return count;
  throw new InvalidArgumentError(`it has to be a whole number from 1 to ${MOST_JOBS}.`);
}
