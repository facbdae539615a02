import { type Command, InvalidArgumentError } from 'commander';
import { isReproofError } from '../../../model/index.ts';
import type { Engine } from '../../engine/index.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';
import type { EnvironmentImage, EnvironmentImages } from '../environment-images.ts';

type CacheOptions = CommonOptions & { readonly engine?: string };
type PruneOptions = CacheOptions & { readonly olderThan: number; readonly all?: boolean };

const DAY_SECONDS = 86_400;

/**
 * Adds `reproof cache show` and `reproof cache prune`. Records and evidence are never touched.
 * JSON of show: {"folder", "fetched": CacheUsage, "environments": [EnvironmentImage, ...] or null without an engine};
 * of prune: {"deleted": CacheUsage, "environments": [EnvironmentImage, ...] or null}.
 */
export function register(program: Command, context: CommandContext): void {
  const cache = program.command('cache').description('what is kept only to be faster: fetched files, environments');
  const showing = cache
    .command('show', { isDefault: true })
    .description('say how much there is')
    .option('--engine <address>', 'the container engine that holds the environments');
  addCommonOptions(showing).action((options: CacheOptions) => show(options, context));
  const pruning = cache
    .command('prune')
    .description('delete what was not used for a while; it can all be had again')
    .option('--older-than <duration>', 'unused for so long, such as 12h or 30d', parseAge, 30 * DAY_SECONDS)
    .option('--all', 'everything that is not in use')
    .option('--engine <address>', 'the container engine that holds the environments');
  addCommonOptions(pruning).action((options: PruneOptions) => prune(options, context));
}

async function show(options: CacheOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const [{ cacheUsage }, { formatSize }] = await Promise.all([import('../../fetch/index.ts'), import('../units.ts')]);
  const fetched = await cacheUsage(settings.cache);
  const environments = await withEngine(settings, async (images, engine) => images.list(engine));
  if (options.json)
    return writeJson(context.stdout, { folder: settings.cache, fetched, environments: environments ?? null });
  const { escapeTerminal } = await import('../terminal-text.ts');
  const partial = fetched.partialFiles > 0 ? `, and ${formatSize(fetched.partialBytes)} half fetched` : '';
  await context.stdout.write(
    [
      `fetched files: ${fetched.files}, ${formatSize(fetched.bytes)}${partial}, in ${escapeTerminal(settings.cache)}`,
      `environments: ${environments === undefined ? 'unknown, the engine cannot be reached' : counted(environments, formatSize)}`,
      '',
    ].join('\n'),
  );
}

async function prune(options: PruneOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const [{ pruneCache }, { formatSize }] = await Promise.all([import('../../fetch/index.ts'), import('../units.ts')]);
  const now = new Date();
  const cutoff = new Date(now.getTime() - options.olderThan * 1000).toISOString();
  const scope = options.all
    ? ({ everything: true } as const)
    : ({ olderThanDays: options.olderThan / DAY_SECONDS } as const);
  const deleted = await pruneCache(settings.cache, scope, now);
  const environments = await withEngine(settings, async (images, engine) => {
    const old = (await images.list(engine)).filter((image) => options.all === true || image.lastUsedAt < cutoff);
    return images.remove(engine, old);
  });
  if (options.json) return writeJson(context.stdout, { deleted, environments: environments ?? null });
  await context.stdout.write(
    [
      `deleted ${deleted.files + deleted.partialFiles} fetched files, ${formatSize(deleted.bytes + deleted.partialBytes)}`,
      environments === undefined
        ? 'environments were left alone, the engine cannot be reached'
        : `deleted environments: ${counted(environments, formatSize)}`,
      '',
    ].join('\n'),
  );
}

function counted(images: readonly EnvironmentImage[], formatSize: (bytes: number) => string): string {
  return `${images.length}, ${formatSize(images.reduce((sum, image) => sum + image.bytes, 0))}`;
}

/** Undefined without an engine: the fetched files are there all the same. */
async function withEngine<T>(
  settings: { readonly engine: string; readonly database: string },
  work: (images: EnvironmentImages, engine: Engine) => Promise<T>,
): Promise<T | undefined> {
  const [{ connectEngine }, { openEnvironmentImages }] = await Promise.all([
    import('../../engine/index.ts'),
    import('../environment-images.ts'),
  ]);
  const engine = await connectEngine(settings.engine).catch((error: unknown) => {
    if (!isReproofError(error, 'ENGINE_UNAVAILABLE')) throw error;
  });
  return engine === undefined ? undefined : work(openEnvironmentImages(settings.database), engine);
}

function parseAge(text: string): number {
  const match = /^(\d{1,6})([smhd]?)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('It has to be a duration such as 12h or 30d.');
  return Number(match[1]) * { s: 1, m: 60, h: 3600, d: DAY_SECONDS, '': DAY_SECONDS }[match[2] as 's' | '']!;
}
