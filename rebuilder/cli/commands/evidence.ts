import type { Command } from 'commander';
import { addCommonOptions, type CommandContext } from '../context.ts';
import type { EvidenceOptions } from '../verify/options.ts';

/** Adds `reproof evidence ID|TARGET|PACK`. JSON: {"id"?, "pack"?, "folder"?, "files": [NAME, ...]}. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('evidence')
    .description('write what a rebuild left to be checked by others: one pack, or files for their tools')
    .argument(
      '<id|target|pack>',
      "a rebuild's id, a package for its newest rebuild, result-NUMBER, or the file of a pack",
    )
    .option('--output <file>', 'the pack to write (usually ID.evidence.tar)')
    .option('--extract <folder>', 'lay it out for other tools, with the commands to run, in a new folder')
    .option('--with-artifacts', 'put the published and the rebuilt files in, too');
  addCommonOptions(command).action(async (wanted: string, options: EvidenceOptions) => {
    const { runEvidence } = await import('../verify/run-evidence.ts');
    await runEvidence(wanted, options, context);
  });
}
