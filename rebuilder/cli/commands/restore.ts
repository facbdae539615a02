import type { Command } from 'commander';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';

/** Adds `reproof restore FOLDER`. JSON: {"folder", "note": BackupNote, "copied": {...}, "report"?: FsckReport}. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('restore')
    .description('copy a backup to the data folder, which must not be there yet, and look at every byte of it')
    .argument('<folder>', 'what reproof backup made');
  addCommonOptions(command).action((folder: string, options: CommonOptions) => runRestore(folder, options, context));
}

async function runRestore(folder: string, options: CommonOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const [{ resolve }, { restore }, { lookAtCopiedEvidence }, { escapeTerminal }] = await Promise.all([
    import('node:path'),
    import('../../store/index.ts'),
    import('../../evidence-check/index.ts'),
    import('../terminal-text.ts'),
  ]);
  const restored = await restore(resolve(context.workingFolder, folder), settings.data, lookAtCopiedEvidence);
  if (options.json) return writeJson(context.stdout, { folder: settings.data, ...restored });
  const next =
    restored.note.database === 'postgres'
      ? 'the database comes from its own dump: pg_restore it, then reproof fsck (docs/operating.md)\n'
      : '';
  await context.stdout.write(
    `restored ${restored.copied.files} files of ${restored.note.createdAt} to ${escapeTerminal(settings.data)}\n${next}`,
  );
}
