import type { Command } from 'commander';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';

/** Adds `reproof backup FOLDER`. JSON: {"folder", "note": BackupNote, "copied": {"files", "linked", "bytes"}}. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('backup')
    .description('copy the data folder into a new one while it is used: database, logs, files, evidence')
    .argument('<folder>', 'a new folder, on the same disk where files may be shared');
  addCommonOptions(command).action((folder: string, options: CommonOptions) => makeBackup(folder, options, context));
}

async function makeBackup(folder: string, options: CommonOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const [{ resolve }, { backup, openDatabase }, { productVersion }, { formatSize }, { escapeTerminal }] =
    await Promise.all([
      import('node:path'),
      import('../../store/index.ts'),
      import('../version.ts'),
      import('../units.ts'),
      import('../terminal-text.ts'),
    ]);
  const target = resolve(context.workingFolder, folder);
  const database = await openDatabase(settings.database);
  try {
    const { note, copied } = await backup({ data: settings.data, database }, target, productVersion());
    if (options.json) return await writeJson(context.stdout, { folder: target, note, copied });
    const without =
      note.database === 'postgres'
        ? 'the database is not in it: keep a dump of pg_dump --format=custom that was made before it (docs/operating.md)\n'
        : '';
    await context.stdout.write(
      `${note.database === 'sqlite' ? 'the database and ' : ''}${copied.files} files, of which ${copied.linked} share their bytes; ${formatSize(copied.bytes)} copied, in ${escapeTerminal(target)}\n${without}`,
    );
  } finally {
    await database.close();
  }
}
