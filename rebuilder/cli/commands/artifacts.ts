import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type FileDigest, type RebuildRecord, ReproofError } from '../../../model/index.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';
import type { Settings } from '../settings.ts';

type ArtifactsOptions = CommonOptions & { readonly extract?: string };

/**
 * Adds `reproof artifacts ID [--extract FOLDER]`.
 * JSON: {"id", "artifacts": [ArtifactVerdict, ...], "extracted": [PATH, ...]}.
 */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('artifacts')
    .description("list a rebuild's files, or copy those that are not as published")
    .argument('<id|target>', "a rebuild's id or its beginning, or a package for its newest rebuild")
    .option(
      '--extract <folder>',
      "copy what differs, and the builds' .buildinfo, to FOLDER/published, /rebuilt, /control",
    );
  addCommonOptions(command).action((wanted: string, options: ArtifactsOptions) => artifacts(wanted, options, context));
}

async function artifacts(wanted: string, options: ArtifactsOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const [{ openStore }, { findRecord }] = await Promise.all([
    import('../../store/index.ts'),
    import('../find-rebuild.ts'),
  ]);
  const store = await openStore(settings.database);
  let record: RebuildRecord;
  try {
    record = await findRecord(store, wanted);
  } finally {
    await store.close();
  }
  const destination = options.extract === undefined ? undefined : resolve(context.workingFolder, options.extract);
  const extracted = destination === undefined ? [] : await extract(record, destination, settings);
  if (options.json) return writeJson(context.stdout, { id: record.id, artifacts: record.artifacts, extracted });
  const [{ artifactTable }, { escapeTerminal }] = await Promise.all([
    import('../result-text.ts'),
    import('../terminal-text.ts'),
  ]);
  if (destination === undefined) await context.stdout.write(artifactTable(record));
  else if (extracted.length === 0)
    await context.stderr.write('reproof: no file differs, and no build left a .buildinfo: nothing was copied\n');
  else await context.stdout.write(`${extracted.map(escapeTerminal).join('\n')}\n`);
}

async function extract(record: RebuildRecord, destination: string, settings: Settings): Promise<readonly string[]> {
  const [{ openBlobs, extractArtifacts }, { openFetcher }, { dataFolders }] = await Promise.all([
    import('../../store/index.ts'),
    import('../../fetch/index.ts'),
    import('../folders.ts'),
  ]);
  const blobs = await openBlobs(dataFolders(settings.data).blobs);
  const fetcher = openFetcher({ cacheFolder: settings.cache });
  async function* published(file: FileDigest): AsyncGenerator<Uint8Array> {
    const cached = await fetcher.cached(file.sha256);
    if (cached === undefined)
      throw new ReproofError(
        'FETCH_NOT_FOUND',
        `copying the published ${file.name}: it is not in the cache any more; reproof replay ${record.id} brings it again`,
      );
    yield* createReadStream(cached.path) as AsyncIterable<Buffer>;
  }
  try {
    return await extractArtifacts(record, destination, { published, rebuilt: (file) => blobs.read(file.sha256) });
  } finally {
    await fetcher.close();
  }
}
