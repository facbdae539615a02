import type { Command } from 'commander';
import type { EvidenceReport } from '../../evidence-check/index.ts';
import type { FsckReport } from '../../store/index.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';
import { dataFolders } from '../folders.ts';

type FsckOptions = CommonOptions & { readonly quick?: boolean };

type Report = FsckReport & { readonly evidence: EvidenceReport };

/** As for STORE_CORRUPT. */
const DAMAGED = 74;

/** Adds `reproof fsck`. JSON: FsckReport and `evidence`: EvidenceReport; `ok` is of both. Exit status 74 where anything is damaged or missing. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('fsck')
    .description('look at every stored byte, reference and row, every statement and the log; changes nothing')
    .option('--quick', 'without reading the bytes of logs and files, and all of the transparency log');
  addCommonOptions(command).action((options: FsckOptions) => check(options, context));
}

async function check(options: FsckOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const [{ fsck, openBlobs, openDatabase, publishedRebuilds }, look, { dataKeys }, { formatSize }, { escapeTerminal }] =
    await Promise.all([
      import('../../store/index.ts'),
      import('../../evidence-check/index.ts'),
      import('../../evidence/index.ts'),
      import('../units.ts'),
      import('../terminal-text.ts'),
    ]);
  const database = await openDatabase(settings.database);
  try {
    const blobs = await openBlobs(dataFolders(settings.data).blobs);
    const how = { quick: options.quick === true, signal: context.signal };
    const kept = await fsck({ database, blobs }, how);
    const dataFolder = settings.data;
    const keys = dataKeys({ dataFolder, now: () => new Date() });
    const evidence = await look.checkEvidence({ dataFolder, keys, published: publishedRebuilds(database) }, how);
    const report = { ...kept, ok: kept.ok && evidence.ok, evidence };
    if (!report.ok) context.endWith(DAMAGED);
    if (options.json) return await writeJson(context.stdout, report);
    await context.stdout.write(
      linesOf(report, formatSize)
        .map((line) => `${escapeTerminal(line)}\n`)
        .join(''),
    );
  } finally {
    await database.close();
  }
}

function linesOf(report: Report, formatSize: (bytes: number) => string): readonly string[] {
  return [
    ...report.database.map((line) => `database: ${line}`),
    ...report.damaged.map((sha256) => `damaged: ${sha256}`),
    ...report.missing.map(({ sha256, by }) => `missing: ${sha256}, which ${by} refers to`),
    ...report.evidence.faults.map(({ place, kind, why }) => `${kind}: ${place}: ${why}`),
    `${report.evidence.statements} statements, of which ${report.evidence.unlogged} are not logged yet${logWords(report.evidence)}`,
    `${report.blobs} files, ${formatSize(report.bytes)}; ${report.pruned} were let go by a rule, ${report.orphaned} are referred to by nothing`,
    report.ok ? 'nothing is damaged or missing' : 'restore a backup, or what is damaged from one',
  ];
}

function logWords({ log }: EvidenceReport): string {
  return log === undefined ? '' : `; the log has ${log.size} entries in ${log.files} files`;
}
