import type { Command } from 'commander';
import { type CompareCommandOptions, parseSeconds } from '../compare/options.ts';
import type { CommandContext } from '../context.ts';

const STATUS_HELP = `
LEFT is the old or published one. Each may be a file, a folder, or - for standard input (one of them).
Exit status: 0 identical, 1 different, 2 trouble.`;

/**
 * Adds `reproof compare LEFT RIGHT`. Its exit statuses and its report options are those of diffoscope, not of the other
 * commands. JSON: docs/compare.md.
 */
export function register(program: Command, context: CommandContext): void {
  program
    .command('compare')
    .description('compare two files or folders, and show in depth how they differ')
    .argument('[left]')
    .argument('[right]')
    .option('--json [file]', 'write JSON: to standard output, or to this file')
    .option('--text <file>', 'write text, as is shown when no report is asked for')
    .option('--timeout <seconds>', 'end the looking then, and report what was found', parseSeconds)
    .option('--debug', 'print where in the code an error arose')
    .addHelpText('after', STATUS_HELP)
    .action(
      async (left: string | undefined, right: string | undefined, options: CompareCommandOptions, self: Command) => {
        const { runCompare } = await import('../compare/run-compare.ts');
        const { parent } = self;
        const argv = (parent as unknown as { readonly rawArgs: readonly string[] }).rawArgs;
        context.endWith(await runCompare({ operands: { left, right, argv }, options, context }));
      },
    );
}
