import type { Command } from 'commander';
import { type RebuildAttempt, ReproofError } from '../../../model/index.ts';
import type { BlobStore } from '../../store/index.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';
import { registerLogFiles } from './log-files.ts';

type LogOptions = CommonOptions & { readonly control?: boolean };

/**
 * Adds `reproof log ID`, and `reproof log verify` and its like (log-files.ts). On a terminal the log is escaped, anywhere else it is the package's own bytes.
 * JSON: {"id", "kind", "blob", "bytes", "truncated", "path"}; path is the gzip file, null when it is not there.
 */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('log')
    .description("print a build's log, or look after a transparency log: verify, monitor")
    .enablePositionalOptions()
    .argument('<id|target>', "a rebuild's id or its beginning, or a package for its newest rebuild")
    .option('--control', 'of the control rebuild');
  addCommonOptions(command).action((wanted: string, options: LogOptions) => log(wanted, options, context));
  registerLogFiles(command, context);
}

async function log(wanted: string, options: LogOptions, context: CommandContext): Promise<void> {
  const { data, database } = await context.settings(options);
  const [{ openStore, openBlobs }, { findRecord }, { dataFolders }] = await Promise.all([
    import('../../store/index.ts'),
    import('../find-rebuild.ts'),
    import('../folders.ts'),
  ]);
  const store = await openStore(database);
  try {
    const { id, attempts } = await findRecord(store, wanted);
    const kind = options.control ? 'control' : 'first';
    const attempt = attempts.find((candidate) => candidate.kind === kind);
    if (attempt === undefined)
      throw new ReproofError('RECORD_UNKNOWN', `looking for the log of rebuild ${id}: there was no ${kind} build`);
    const blobs = await openBlobs(dataFolders(data).blobs);
    if (options.json) {
      const path = (await blobs.path(attempt.log.blob)) ?? null;
      return await writeJson(context.stdout, { id, kind, ...attempt.log, path });
    }
    await print(attempt, blobs, context);
  } finally {
    await store.close();
  }
}

async function print({ log }: RebuildAttempt, blobs: BlobStore, context: CommandContext): Promise<void> {
  const { readLog, escapeLog } = await import('../read-log.ts');
  const chunks = readLog(blobs.read(log.blob), log.bytes);
  for await (const piece of context.stdout.isTerminal ? escapeLog(chunks) : chunks) {
    context.signal.throwIfAborted();
    if (!(await context.stdout.write(piece))) return;
  }
  if (log.truncated) await context.stderr.write('reproof: the log was cut here, at its limit\n');
}
