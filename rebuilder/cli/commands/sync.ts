import type { Command } from 'commander';
import type { SyncOutcome, SyncProgress } from '../../sync/index.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';
import type { SyncOptions } from '../sync-task.ts';
import { collect } from './rebuild-options.ts';

type Options = CommonOptions & SyncOptions & { readonly quiet?: boolean };

/** Adds `reproof sync [DISTRIBUTION]`. JSON: a SyncOutcome. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('sync')
    .description('list what a distribution publishes, and queue what is new')
    .argument('[distribution]', 'debian; without it a profile of the settings is synced')
    .option('--profile <name>', 'the name the list is kept under')
    .option('--suite <name>', 'a suite, such as trixie (repeatable)', collect)
    .option('--arch <names>', 'architectures, with commas between them; amd64,all when not given')
    .option('--component <name>', 'a component of the archive (repeatable)', collect)
    .option('--installer', "the installer's own packages too")
    .option('--debug-suite', 'debug symbols too, from the debug suite')
    .option(
      '--include <rule>',
      'only what matches: a pattern of source names, or source:, binary:, maintainer: or component: and a pattern (repeatable)',
      collect,
    )
    .option('--exclude <rule>', 'not what matches (repeatable)', collect)
    .option('--delay <duration>', 'how long what is new waits before it is built')
    .option('--allow-expired-release', 'use a Release file past its date, or older than the last')
    .option('--mirror <url>', 'the Debian mirror')
    .option('--security-mirror <url>', "the security archive's mirror")
    .option('--keyring <file>', "the keys the archive's Release file has to be signed with")
    .option('--quiet', 'print no progress');
  addCommonOptions(command).action((distribution: string | undefined, options: Options) =>
    sync(distribution, options, context),
  );
}

async function sync(distribution: string | undefined, options: Options, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const [{ profileFor, syncTask }, { performSync }, { openSyncProgress }] = await Promise.all([
    import('../sync-task.ts'),
    import('../../sync/index.ts'),
    import('../sync-progress.ts'),
  ]);
  const task = syncTask(profileFor(distribution, options, settings), settings);
  const progress = openSyncProgress(context.stderr, options.quiet === true);
  const report = (event: SyncProgress): void => progress.report(event);
  const outcome = await performSync(task, { report, signal: context.signal }).finally(() => progress.close());
  if (options.json) return writeJson(context.stdout, outcome);
  const { syncText } = await import('../sync-progress.ts');
  await context.stdout.write(syncText(outcome satisfies SyncOutcome));
}
