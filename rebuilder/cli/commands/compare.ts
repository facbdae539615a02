import { type Command, Option } from 'commander';
import { type CompareCommandOptions, parseBytes, parseCount, parseSeconds } from '../compare/options.ts';
import type { CommandContext } from '../context.ts';

const MORE_HELP = `
LEFT is the old or published one. Each may be a file, a folder, or - for standard input (one of them).
Reports go to FILE, or for - to standard output; without any, text is printed.

Exit status: 0 identical, 1 different, 2 trouble. Ctrl-C once ends the looking and reports what was found.

Options of diffoscope that have another name here, or none:
  --restructured-text, --html-dir     --markdown, --html (opens large differences bit by bit)
  --max-text-report-size              --max-report-size
  --max-diff-block-lines and the like --max-report-size
  --new-file, --force-details         not needed: members of one side alone are always named, nothing is skipped
  --fuzzy-threshold                   not needed: renamed members are found by content and by name
  --exclude-command, --diff-mask      not there: nothing is hidden; reasons say what a difference is`;

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
    .option('--html <file>', 'write one page of HTML')
    .option('--markdown <file>', 'write Markdown')
    .option('--text <file>', 'write text')
    .option('--summary', 'print five lines: what differs, why, what to do next')
    .option('--diffoscope-json <file>', 'write the JSON of diffoscope, for tools that read it')
    .addOption(new Option('--text-color <when>', 'colours in text').choices(['never', 'auto', 'always']))
    .option('--max-report-size <bytes>', 'cut reports there, 0 for no limit (usually 40M of lines)', parseBytes)
    .option('--max-container-depth <n>', 'archives inside each other that are opened (usually 32)', parseCount)
    .option('--exclude <glob>', 'leave members of such names out; may be given often', (glob, all: string[] = []) => [
      ...all,
      glob,
    ])
    .addOption(
      new Option(
        '--exclude-directory-metadata <what>',
        'leave mode, owner and times out: yes of folders, recursive of archives, too',
      ).choices(['auto', 'yes', 'no', 'recursive']),
    )
    .addOption(new Option('--with <program>', 'ask this program, too').choices(['diffoscope']))
    .option('--load-existing-diff <file>', 'make reports of the JSON of an earlier run, without LEFT and RIGHT')
    .option('--timeout <seconds>', 'end the looking then, and report what was found', parseSeconds)
    .option('--debug', 'print where in the code an error arose')
    .addHelpText('after', MORE_HELP)
    .action(
      async (left: string | undefined, right: string | undefined, options: CompareCommandOptions, self: Command) => {
        const { runCompare } = await import('../compare/run-compare.ts');
        const { parent } = self;
        const argv = (parent as unknown as { readonly rawArgs: readonly string[] }).rawArgs;
        context.endWith(await runCompare({ operands: { left, right, argv }, options, context }));
      },
    );
}
