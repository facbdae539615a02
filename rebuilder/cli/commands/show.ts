import type { Command } from 'commander';
import { addCommonOptions, type CommandContext, type CommonOptions } from '../context.ts';

/** Adds `reproof show ID|TARGET`. JSON: the RebuildRecord, as the bytes of record.json. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('show')
    .description("print a rebuild's record: verdict, artifacts, differences, what was verified")
    .argument('<id|target>', "a rebuild's id or its beginning, or a package for its newest rebuild");
  addCommonOptions(command).action((wanted: string, options: CommonOptions) => show(wanted, options, context));
}

async function show(wanted: string, options: CommonOptions, context: CommandContext): Promise<void> {
  const { database } = await context.settings(options);
  const [{ openStore }, { findRecord }] = await Promise.all([
    import('../../store/index.ts'),
    import('../find-rebuild.ts'),
  ]);
  const store = await openStore(database);
  try {
    const record = await findRecord(store, wanted);
    if (options.json) {
      const { recordJson } = await import('../report/record-json.ts');
      return void (await context.stdout.write(recordJson(record)));
    }
    const { recordText } = await import('../report/record-text.ts');
    const { width, colour } = context.stdout;
    await context.stdout.write(recordText(record, { width: width(), colour }));
  } finally {
    await store.close();
  }
}
