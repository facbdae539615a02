import { type Command, InvalidArgumentError } from 'commander';
import type { ImportedHistory } from '../../import/index.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';
import { dataFolders } from '../folders.ts';

/** Longer logs and reports of an imported build are left out. */
const LOG_BYTES = 256 * 1024 ** 2;
const NOTES_SHOWN = 20;

/** Adds `reproof import SYSTEM FILE`. JSON: an ImportedHistory and `notes`. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('import')
    .description("take over another rebuilder's packages and builds, marked as imported; it may be run again")
    .argument('<system>', 'rebuilderd', readSystem)
    .argument('<file>', 'its database: rebuilderd.db, of 0.25 or later');
  addCommonOptions(command).action((_system: string, file: string, options: CommonOptions) =>
    run(file, options, context),
  );
}

function readSystem(text: string): string {
  if (text !== 'rebuilderd') throw new InvalidArgumentError('It has to be rebuilderd.');
  return text;
}

async function run(file: string, options: CommonOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const [{ importRebuilderdHistory }, { openBlobs, openRebuilderdDatabase, openServiceStore }, { escapeTerminal }] =
    await Promise.all([import('../../import/index.ts'), import('../../store/index.ts'), import('../terminal-text.ts')]);
  const from = openRebuilderdDatabase(file);
  try {
    const store = await openServiceStore(settings.database);
    try {
      const notes: string[] = [];
      const imported = await importRebuilderdHistory({
        from,
        store,
        blobs: await openBlobs(dataFolders(settings.data).blobs),
        limits: { logBytes: LOG_BYTES },
        signal: context.signal,
        note: (text) => {
          if (notes.length < NOTES_SHOWN) notes.push(text);
        },
        progress: (done, all) => {
          if (context.stderr.isTerminal) void context.stderr.write(`builds: ${done} of ${all}\n`);
        },
      });
      if (options.json) return await writeJson(context.stdout, { ...imported, notes });
      for (const note of notes) await context.stderr.write(`note: ${escapeTerminal(note)}\n`);
      await context.stdout.write(textOf(imported));
    } finally {
      await store.close();
    }
  } finally {
    from.close();
  }
}

function textOf({ sources, files, builds, skipped, unreadable }: ImportedHistory): string {
  return `imported ${sources} build inputs with ${files} files, and ${builds} builds; ${skipped} builds were there already, ${unreadable} rows were left out\n`;
}
