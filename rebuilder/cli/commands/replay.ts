import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { addBuildOptions, type BuildOptions } from './rebuild-options.ts';

/** Adds `reproof replay ID|FOLDER`. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('replay')
    .description('run an earlier rebuild again, from its plan and in its environment')
    .argument('<id|folder>', "a rebuild's id, or a folder of evidence that a rebuild left");
  addBuildOptions(command).action(async (source: string, options: BuildOptions) => {
    const { runTask } = await import('./run-task.ts');
    await runTask({ kind: 'replay', source }, options, context);
  });
}
