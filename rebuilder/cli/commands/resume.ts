import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { addBuildOptions, type BuildOptions } from './rebuild-options.ts';

/** Adds `reproof resume ID`. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('resume')
    .description('go on with a rebuild that was interrupted')
    .argument('<id>', "the rebuild's id, or its beginning");
  addBuildOptions(command).action(async (id: string, options: BuildOptions) => {
    const { runTask } = await import('./run-task.ts');
    await runTask({ kind: 'resume', id }, options, context);
  });
}
