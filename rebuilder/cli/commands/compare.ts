import { type Command, Option } from 'commander';
import { moreHelp } from '../compare/help.ts';
import { parseLimit } from '../compare/limits.ts';
import { type CompareCommandOptions, parseBytes, parseCount, parseDepth, parseSeconds } from '../compare/options.ts';
import type { CommandContext } from '../context.ts';

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
    .option('--output-empty', 'taken as diffoscope does: reports are written for identical inputs, too')
    .option('--diff-context <lines>', 'equal lines around lines that differ (usually 3)', parseCount)
    .option('--max-container-depth <n>', 'archives inside each other that are opened (usually 32)', parseDepth)
    .option('--limit <name=value>', 'another limit, see below; may be given often', parseLimit)
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
    .addOption(
      new Option(
        '--with <program>',
        'ask it, too: of all, or only of members in formats that are not known here',
      ).choices(['diffoscope', 'diffoscope-members']),
    )
    .option('--load-existing-diff <file>', 'make reports of the JSON of an earlier run, without LEFT and RIGHT')
    .option('--timeout <seconds>', 'end the looking then, and report what was found', parseSeconds)
    .option('--progress', 'show progress at once (usually: on a terminal, after two seconds)')
    .option('--no-progress', 'show none')
    .option('--status-fd <fd>', "write progress as lines of JSON to this descriptor, as diffoscope's", parseCount)
    .option('--list-tools', 'list the outside programs that are used, with their versions')
    .option('--list-missing-tools', 'list those that are not installed')
    .option('--debug', 'print where in the code an error arose')
    .addHelpText('after', moreHelp)
    .action(
      async (left: string | undefined, right: string | undefined, options: CompareCommandOptions, self: Command) => {
        const { runCompare } = await import('../compare/run-compare.ts');
        const { parent } = self;
        const argv = (parent as unknown as { readonly rawArgs: readonly string[] }).rawArgs;
        context.endWith(await runCompare({ operands: { left, right, argv }, options, context }));
      },
    );
}
