import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { addBuildOptions, type BuildOptions, collect } from './rebuild-options.ts';

type RebuildOptions = BuildOptions & {
  readonly suite?: string;
  readonly architecture?: string;
  readonly only?: readonly string[];
  readonly nocheck?: boolean;
  readonly control: boolean;
  readonly allowExpiredRelease?: boolean;
};

/** Adds `reproof rebuild TARGET`. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('rebuild')
    .description('rebuild a published package and say whether it is reproducible')
    .argument('<target>', 'debian:NAME, debian:NAME=VERSION, a purl, or a .dsc or .buildinfo by path or address')
    .option('--suite <name>', 'the suite it was published in, such as trixie')
    .option('--arch, --architecture <name>', 'the architecture, such as amd64')
    .option('--only <package>', 'judge this binary package only (repeatable)', collect)
    .option('--nocheck', "leave the package's own tests out")
    .option('--no-control', 'no second rebuild where a file differs')
    .option('--allow-expired-release', 'use a Release file past its date; the record says so');
  addBuildOptions(command).action(async (target: string, options: RebuildOptions) => {
    const { runTask } = await import('./run-task.ts');
    const task = {
      kind: 'rebuild',
      target,
      ...(options.suite === undefined ? {} : { suite: options.suite }),
      ...(options.architecture === undefined ? {} : { architecture: options.architecture }),
      only: options.only ?? [],
      nocheck: options.nocheck === true,
      control: options.control,
      allowExpiredRelease: options.allowExpiredRelease === true,
    } as const;
    await runTask(task, options, context);
  });
}
