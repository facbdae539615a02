import { type Command, InvalidArgumentError } from 'commander';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';

type ListOptions = CommonOptions & { readonly suite?: string; readonly verdict?: string; readonly limit: number };

/** Adds `reproof list [SOURCE]`. JSON: {"rebuilds": [RebuildSummary, ...]}, newest first. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('list')
    .description('list rebuilds, newest first')
    .argument('[source]', 'only of this source package')
    .option('--suite <name>', 'only of this suite')
    .option('--verdict <word>', 'only with this verdict')
    .option('--limit <n>', 'at most so many', parseLimit, 50);
  addCommonOptions(command).action((source: string | undefined, options: ListOptions) =>
    list(source, options, context),
  );
}

async function list(source: string | undefined, options: ListOptions, context: CommandContext): Promise<void> {
  const { database } = await context.settings(options);
  const { openStore } = await import('../../store/index.ts');
  const store = await openStore(database);
  try {
    const rebuilds = await store.rebuilds({
      ...(source === undefined ? {} : { source }),
      ...(options.suite === undefined ? {} : { suite: options.suite }),
      ...(options.verdict === undefined ? {} : { verdict: options.verdict }),
      limit: options.limit,
    });
    if (options.json) return await writeJson(context.stdout, { rebuilds });
    const { rebuildTable } = await import('../report/rebuild-table.ts');
    const { width, colour, isTerminal } = context.stdout;
    // Only a terminal breaks lines: what goes to a file or another program is not cut.
    const columns = isTerminal ? width() : Number.POSITIVE_INFINITY;
    await context.stdout.write(rebuildTable(rebuilds, { width: columns, colour }));
  } finally {
    await store.close();
  }
}

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number from 1 to 999999.');
  return Number(text);
}
