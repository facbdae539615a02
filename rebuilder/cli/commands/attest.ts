import type { Command } from 'commander';
import { ERROR_EXIT_STATUS, isReproofError, type RebuildRecord, ReproofError } from '../../../model/index.ts';
import type { LeftEvidence } from '../../evidence/index.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';
import { evidenceSettings } from '../evidence-settings.ts';
import { escapeTerminal } from '../terminal-text.ts';

type AttestOptions = CommonOptions & { readonly all?: boolean; readonly quiet?: boolean };

const AT_MOST = 1_000_000;

/**
 * Adds `reproof attest [ID|TARGET] [--all]`. JSON: {"rebuilds": [{"id", "statements": [{"name", "predicateType", "sha256",
 * "logIndex"}], "unsigned"}], "failed": [{"id", "code", "message"}]}. Exit status: that of the first failure.
 */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('attest')
    .description('sign and log what a record says; done after every rebuild, and here for what has no evidence yet')
    .argument('[id|target]', "a rebuild's id or its beginning, or a package for its newest rebuild")
    .option('--all', 'of every record that has none yet')
    .option('--quiet', 'no progress');
  addCommonOptions(command).action((wanted: string | undefined, options: AttestOptions) =>
    attest(wanted, options, context),
  );
}

type Told =
  | { readonly id: string; readonly statements: readonly object[]; readonly unsigned?: string }
  | { readonly id: string; readonly code: string; readonly message: string };

async function attest(wanted: string | undefined, options: AttestOptions, context: CommandContext): Promise<void> {
  if ((wanted === undefined) === (options.all !== true))
    throw new ReproofError('USAGE', 'reading the command line: attest takes a rebuild, or --all');
  const settings = await context.settings(options);
  const [{ openStore }, evidenceOf, { findRecord }, { openProgress }] = await Promise.all([
    import('../../store/index.ts'),
    import('../../evidence/index.ts'),
    import('../find-rebuild.ts'),
    import('../progress.ts'),
  ]);
  const store = await openStore(settings.database);
  const now = (): Date => new Date();
  const place = { dataFolder: settings.data, now, ...evidenceSettings(settings) };
  const evidence = evidenceOf.openDataEvidence(place);
  const progress = openProgress(context.stderr, {
    quiet: options.quiet === true,
    verbose: false,
    environment: context.environment,
  });
  const told: Told[] = [];
  try {
    const one = async (record: RebuildRecord): Promise<LeftEvidence> =>
      evidenceOf.leaveEvidence(record, { id: record.id, store, evidence, now, report: () => {} });
    if (wanted !== undefined) {
      const record = await findRecord(store, wanted);
      const left = await one(record);
      if (left.kind === 'failed') throw left.error;
      told.push(tell(record.id, left));
    } else {
      await evidenceOf.publishRotations({ keys: evidenceOf.dataKeys(place), evidence });
      const ids = await store.recordedWithout('publish', AT_MOST);
      for (const [index, id] of ids.entries()) {
        context.signal.throwIfAborted();
        const record = await store.record(id);
        if (record === undefined) continue;
        told.push(tell(id, await one(record)));
        if ((index + 1) % 100 === 0) progress.report({ kind: 'note', text: `${index + 1} of ${ids.length}` });
      }
    }
  } finally {
    progress.close();
    await evidence.close();
    await store.close();
  }
  await write(told, options, context);
}

function tell(id: string, left: LeftEvidence): Told {
  if (left.kind === 'failed') {
    const { error } = left;
    return { id, code: isReproofError(error) ? error.code : 'INTERNAL', message: error.message };
  }
  const { attested, published } = left;
  const places = new Map(published.entries.map(({ name, logIndex }) => [name, logIndex]));
  return {
    id,
    statements: attested.statements.map(({ name, predicateType, sha256 }) => ({
      name,
      predicateType,
      sha256,
      logIndex: places.get(name),
    })),
    ...(attested.unsigned === undefined ? {} : { unsigned: attested.unsigned }),
  };
}

async function write(told: readonly Told[], options: AttestOptions, context: CommandContext): Promise<void> {
  const rebuilds = told.filter((one) => 'statements' in one);
  const failed = told.filter((one) => 'code' in one);
  const code = failed[0]?.code;
  if (code !== undefined) context.endWith(ERROR_EXIT_STATUS[code as keyof typeof ERROR_EXIT_STATUS]);
  if (options.json === true) return writeJson(context.stdout, { rebuilds, failed });
  const lines = [
    ...rebuilds.map(({ id, statements, unsigned }) =>
      [
        `${id}: ${statements.length} statements are signed and logged`,
        ...(unsigned === undefined ? [] : [unsigned]),
      ].join('; '),
    ),
    ...failed.map(({ id, message }) => `${id}: ${message}`),
    ...(told.length === 0 ? ['every record has its evidence'] : []),
  ];
  await context.stdout.write(lines.map((line) => `${escapeTerminal(line)}\n`).join(''));
}
