import { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { productVersion } from './version.ts';

const EXIT_STATUS_HELP = `
Exit status: 0 reproducible (or done), 1 unreproducible, 2 inconclusive, 3 failed to build,
64 wrong usage, settings or target, 65 data that failed a check, 69 something outside is
unavailable, 70 a defect of reproof, 74 reading or writing failed, 77 not allowed,
130 interrupted.`;

/** The command line without any command: its name, its help, its errors. Commander throws instead of ending the process. */
export function baseProgram(context: CommandContext): Command {
  return (
    new Command('reproof')
      .description('Rebuild published Debian packages without a network and compare them byte for byte.')
      .version(productVersion(), '-V, --version')
      .helpOption('-h, --help')
      .addHelpText('after', EXIT_STATUS_HELP)
      // Options behind a command's name are that command's: log and log verify both have --json.
      .enablePositionalOptions()
      .showSuggestionAfterError()
      .exitOverride()
      .configureOutput({
        writeOut: (text) => void context.stdout.write(text),
        // Errors are told once, by the program's end.
        writeErr: () => {},
        getOutHelpWidth: () => Math.min(context.stdout.width(), 100),
        getOutHasColors: () => context.stdout.colour,
      })
  );
}
