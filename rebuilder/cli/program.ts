import { Command } from 'commander';
import * as artifacts from './commands/artifacts.ts';
import * as backup from './commands/backup.ts';
import * as cache from './commands/cache.ts';
import * as compare from './commands/compare.ts';
import * as doctor from './commands/doctor.ts';
import * as fsck from './commands/fsck.ts';
import * as importing from './commands/import.ts';
import * as list from './commands/list.ts';
import * as log from './commands/log.ts';
import * as prune from './commands/prune.ts';
import * as queue from './commands/queue.ts';
import * as rebuild from './commands/rebuild.ts';
import * as replay from './commands/replay.ts';
import * as restore from './commands/restore.ts';
import * as resume from './commands/resume.ts';
import * as serve from './commands/serve.ts';
import * as show from './commands/show.ts';
import * as sync from './commands/sync.ts';
import * as token from './commands/token.ts';
import * as worker from './commands/worker.ts';
import type { CommandContext } from './context.ts';
import { productVersion } from './version.ts';

const EXIT_STATUS_HELP = `
Exit status: 0 reproducible (or done), 1 unreproducible, 2 inconclusive, 3 failed to build,
64 wrong usage, settings or target, 65 data that failed a check, 69 something outside is
unavailable, 70 a defect of reproof, 74 reading or writing failed, 77 not allowed,
130 interrupted.`;

/** The command line: every command, its options, its help. Commander throws instead of ending the process. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('reproof')
    .description('Rebuild published Debian packages without a network and compare them byte for byte.')
    .version(productVersion(), '-V, --version')
    .helpOption('-h, --help')
    .addHelpText('after', EXIT_STATUS_HELP)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      // Errors are told once, by the program's end.
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(context.stdout.width(), 100),
      getOutHasColors: () => context.stdout.colour,
    });
  for (const command of [
    rebuild,
    replay,
    resume,
    list,
    show,
    log,
    artifacts,
    compare,
    sync,
    serve,
    worker,
    queue,
    token,
    cache,
    backup,
    restore,
    fsck,
    prune,
    importing,
    doctor,
  ])
    command.register(program, context);
  return program;
}
