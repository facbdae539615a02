import type { Command } from 'commander';
import type { Pruned } from '../../store/index.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';
import { dataFolders } from '../folders.ts';

type PruneOptions = CommonOptions & {
  readonly logs?: string;
  readonly files?: string;
  readonly newest?: string;
  readonly delete?: boolean;
};

/** What nothing refers to may be on its way to a result: a worker reports for days when its server is away. */
export const PRUNE_GRACE_SECONDS = 7 * 86_400;

/** Adds `reproof prune`. JSON: {"deleted": BOOLEAN, "pruned": {"logs", "files", "orphans"}}, each {"blobs", "bytes"}. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('prune')
    .description('say which logs and rebuilt files are older than the settings keep, and delete them')
    .option('--logs <duration>', 'keep logs so long, such as 90d')
    .option('--files <duration>', 'keep rebuilt files so long, such as 30d')
    .option('--newest <n>', 'keep all of so many of the newest results of each input')
    .option('--delete', 'delete them; without it they are only counted');
  addCommonOptions(command).action((options: PruneOptions) => run(options, context));
}

async function run(options: PruneOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const [{ openBlobs, openDatabase, prune }, { formatSize }] = await Promise.all([
    import('../../store/index.ts'),
    import('../units.ts'),
  ]);
  const database = await openDatabase(settings.database);
  try {
    const blobs = await openBlobs(dataFolders(settings.data).blobs);
    const really = options.delete === true;
    const pruned = await prune(
      { data: settings.data, database, blobs },
      { ...settings.retention, graceSeconds: PRUNE_GRACE_SECONDS },
      { really },
    );
    if (options.json) return await writeJson(context.stdout, { deleted: really, pruned });
    await context.stdout.write(textOf(pruned, really, formatSize));
  } finally {
    await database.close();
  }
}

function textOf(pruned: Pruned, really: boolean, formatSize: (bytes: number) => string): string {
  const counted = ({ blobs, bytes }: Pruned['logs']): string => `${blobs}, ${formatSize(bytes)}`;
  return [
    `${really ? 'deleted' : 'would delete'} logs: ${counted(pruned.logs)}`,
    `${really ? 'deleted' : 'would delete'} rebuilt files: ${counted(pruned.files)}`,
    `${really ? 'deleted' : 'would delete'} what nothing refers to: ${counted(pruned.orphans)}`,
    ...(really ? [] : ['--delete deletes them']),
    '',
  ].join('\n');
}
