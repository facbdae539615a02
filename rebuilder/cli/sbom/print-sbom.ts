import { resolve } from 'node:path';
import { type RebuildRecord, ReproofError } from '../../../model/index.ts';
import type { Inventory, SbomFormat, SbomMaker } from '../../../sbom/index.ts';
import type { FileReading, SbomSubject } from '../../inventory/index.ts';
import { type CommandContext, type CommonOptions, writeJson } from '../context.ts';
import { productVersion } from '../version.ts';

export type SbomOptions = CommonOptions & {
  readonly format: SbomFormat;
  readonly artifact?: string;
  readonly rebuilt?: boolean;
  readonly suite?: string;
};

/** `reproof sbom WHAT`: one SBOM on standard output, as canonical JSON and a newline. */
export async function printSbom(what: string, options: SbomOptions, context: CommandContext): Promise<void> {
  const [{ canonicalJson }, { artifactSbom, environmentSbom }] = await Promise.all([
    import('../../../model/index.ts'),
    import('../../../sbom/index.ts'),
  ]);
  const maker: SbomMaker = { version: productVersion() };
  const subject = await readArgument(what, options, context);
  const document =
    subject.kind === 'artifact'
      ? artifactSbom(subject.contents, options.format, maker)
      : environmentSbom(subject.contents, options.format, maker);
  await context.stdout.write(`${canonicalJson(document)}\n`);
}

/** `reproof sbom diff A B`: a table, or the SbomDiff. */
export async function printSbomDiff(
  [left, right]: readonly [string, string],
  options: CommonOptions,
  context: CommandContext,
): Promise<void> {
  const [{ diffInventories }, { sbomDiffText }] = await Promise.all([
    import('../../../sbom/index.ts'),
    import('./diff-table.ts'),
  ]);
  const inventories = [await inventoryOf(left, options, context), await inventoryOf(right, options, context)] as const;
  if (inventories[0].kind !== inventories[1].kind)
    throw new ReproofError(
      'USAGE',
      `${left} is an ${inventories[0].kind}, ${right} is an ${inventories[1].kind}: they cannot be compared`,
    );
  const diff = diffInventories(...inventories);
  if (options.json) return writeJson(context.stdout, diff);
  await context.stdout.write(sbomDiffText(diff));
}

async function inventoryOf(what: string, options: CommonOptions, context: CommandContext): Promise<Inventory> {
  const { inventoryOfArtifact, inventoryOfEnvironment } = await import('../../../sbom/index.ts');
  if (isFile(what)) {
    const { readInventory } = await import('../../inventory/index.ts');
    return whileReading(context, {}, (reading) => readInventory(resolve(context.workingFolder, what), reading));
  }
  const subject = await readArgument(what, options, context);
  return subject.kind === 'artifact' ? inventoryOfArtifact(subject.contents) : inventoryOfEnvironment(subject.contents);
}

/** A path has a slash or the ending of a file that can be read; a purl has slashes, too. */
function isFile(what: string): boolean {
  if (/^(?:pkg|debian):/.test(what)) return false;
  return what.includes('/') || /\.(?:deb|udeb|ddeb|buildinfo|json)$/.test(what);
}

async function readArgument(
  what: string,
  options: CommonOptions & Partial<SbomOptions>,
  context: CommandContext,
): Promise<SbomSubject> {
  const { suite } = options;
  if (options.rebuilt === true && options.artifact === undefined)
    throw new ReproofError('USAGE', '--rebuilt goes with --artifact NAME');
  if (isFile(what)) {
    if (options.artifact !== undefined)
      throw new ReproofError('USAGE', '--artifact goes with a rebuild, not with a file');
    const { readSubject } = await import('../../inventory/index.ts');
    const about = suite === undefined ? {} : { suite };
    return whileReading(context, about, (reading) => readSubject(resolve(context.workingFolder, what), reading));
  }
  const { database } = await context.settings(options);
  const [{ openStore }, { findRecord }, { environmentOfRebuild, planOf }] = await Promise.all([
    import('../../store/index.ts'),
    import('../find-rebuild.ts'),
    import('../../inventory/index.ts'),
  ]);
  const store = await openStore(database);
  try {
    const record = await findRecord(store, what);
    if (options.artifact !== undefined) return await keptArtifact(record, options, context);
    return { kind: 'environment', contents: environmentOfRebuild(await planOf(record, store), record) };
  } finally {
    await store.close();
  }
}

async function keptArtifact(
  record: RebuildRecord,
  options: CommonOptions & Partial<SbomOptions>,
  context: CommandContext,
): Promise<SbomSubject> {
  const [{ artifactOfRebuild }, { openBlobs }, { openFetcher }, { dataFolders }] = await Promise.all([
    import('../../inventory/index.ts'),
    import('../../store/index.ts'),
    import('../../fetch/index.ts'),
    import('../folders.ts'),
  ]);
  const settings = await context.settings(options);
  const blobs = await openBlobs(dataFolders(settings.data).blobs);
  const fetcher = openFetcher({ cacheFolder: settings.cache });
  try {
    const contents = await whileReading(context, {}, ({ signal, limits, onProgress }) =>
      artifactOfRebuild(record, {
        name: options.artifact ?? '',
        side: options.rebuilt === true ? 'rebuilt' : 'published',
        locate: async (sha256) => (await fetcher.cached(sha256))?.path ?? (await blobs.path(sha256)),
        limits: limits.deb,
        signal,
        ...(onProgress === undefined ? {} : { onProgress }),
      }),
    );
    return { kind: 'artifact', contents };
  } finally {
    await fetcher.close();
  }
}

/** Reads with a line of progress on a terminal, where it takes more than two seconds. */
async function whileReading<Result>(
  { stderr, environment, signal }: CommandContext,
  about: Pick<FileReading, 'suite'>,
  read: (reading: FileReading) => Promise<Result>,
): Promise<Result> {
  const [{ FILE_LIMITS }, { PATIENCE_MILLISECONDS, progressLine }, { progressOptions }] = await Promise.all([
    import('../../inventory/index.ts'),
    import('../compare/progress-line.ts'),
    import('../progress.ts'),
  ]);
  const display = progressOptions(stderr, { verbose: false, environment });
  const line = stderr.redraws ? progressLine(display, PATIENCE_MILLISECONDS) : undefined;
  try {
    return await read({
      ...about,
      limits: FILE_LIMITS,
      signal,
      onProgress: (done, all) => line?.report({ done: all === 0 ? 1 : done / all, bytes: done, at: [] }),
    });
  } finally {
    line?.close();
  }
}
