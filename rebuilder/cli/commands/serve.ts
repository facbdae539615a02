import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ReproofError } from '../../../model/index.ts';
import type { CommandContext } from '../context.ts';
import { evidenceSettings } from '../evidence-settings.ts';
import type { ServeSettings } from '../serve-settings.ts';
import { escapeTerminal } from '../terminal-text.ts';
import { productVersion } from '../version.ts';
import { PRUNE_GRACE_SECONDS } from './prune.ts';
import { addBuildOptions, type BuildOptions } from './rebuild-options.ts';

const LEAST_SECRET = 16;

/** Adds `reproof serve`. It prints a line where it listens, and then its log: a line of text, with --json of JSON, for each event. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('serve')
    .description('keep what a distribution publishes, rebuild it, and serve the results')
    .option('--listen <host:port>', 'where to listen; 127.0.0.1:8484 when not given')
    .option('--workers <n>', 'builds that run at once in this process; 0: none')
    .option('--base-path <path>', 'the path that all addresses begin with')
    .option('--public-url <url>', 'the address people reach it at')
    .option('--tls-cert <file>', 'the certificate chain, in PEM')
    .option('--tls-key <file>', "the certificate's key, in PEM")
    .option('--signup-file <file>', 'a file whose first line is the secret that lets workers of other machines in');
  addBuildOptions(command).action((options: BuildOptions) => serve(options, context));
}

async function serve(options: BuildOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const [{ openService }, { workerRoutes }, { rebuilderOptions }, { syncTask }] = await Promise.all([
    import('../../open-service.ts'),
    import('../../server/index.ts'),
    import('../rebuild-runner.ts'),
    import('../sync-task.ts'),
  ]);
  const { serve: served } = settings;
  const tls = await readTls(served);
  const signupSecret = await readSecret(served.signupFile);
  const say = (line: object, text: string): void =>
    void context.stdout.write(options.json === true ? `${JSON.stringify(line)}\n` : `${text}\n`);
  const service = await openService({
    dataFolder: settings.data,
    database: settings.database,
    host: served.host,
    port: served.port,
    server: {
      basePath: served.basePath,
      ...(served.publicUrl === undefined ? {} : { publicUrl: served.publicUrl }),
      publicReading: served.publicReading,
      trustedProxies: served.trustedProxies,
      ...(tls === undefined ? {} : { tls }),
      limits: { requestsPerMinute: served.requestsPerMinute, sessionSeconds: served.sessionSeconds },
      log: (line) => {
        const at = new Date().toISOString();
        const facts = Object.entries(line.facts ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
        if (options.quiet !== true || line.level !== 'info')
          say({ at, ...line }, escapeTerminal([at, line.level, line.message, ...facts].join(' ')));
      },
      now: () => new Date(),
      version: productVersion(),
    },
    groups: [workerRoutes({ ...(signupSecret === undefined ? {} : { signupSecret }), retry: served.retry })],
    workers: served.workers,
    rebuilder: rebuilderOptions(settings),
    evidence: evidenceSettings(settings),
    ...(signupSecret === undefined ? {} : { signupSecret }),
    profiles: settings.sync,
    syncTask: (profile) => syncTask(profile, settings),
    ...(served.reverify === undefined ? {} : { reverify: served.reverify }),
    retry: served.retry,
    retention: { ...settings.retention, graceSeconds: PRUNE_GRACE_SECONDS },
    graceSeconds: served.graceSeconds,
    webhooksToOwnNetworks: served.webhooksToOwnNetworks,
  });
  const address = `${service.address}${served.basePath}`;
  say({ listening: address }, `reproof listens on ${address}`);
  await stopped(context.signal);
  await service.stop();
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function readTls({ tlsCert, tlsKey }: ServeSettings): Promise<{ cert: string; key: string } | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new ReproofError('SETTINGS_INVALID', 'reading the settings: serve.tls-cert and serve.tls-key go together');
  try {
    const [cert, key] = await Promise.all([readFile(tlsCert, 'utf8'), readFile(tlsKey, 'utf8')]);
    return { cert, key };
  } catch (cause) {
    throw new ReproofError('SETTINGS_INVALID', `reading the certificate: ${(cause as Error).message}`, { cause });
  }
}

/** The first line of a file. A secret that can be guessed is none. */
async function readSecret(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new ReproofError('SETTINGS_INVALID', `reading serve.signup-file: ${cause.message}`, { cause });
  });
  const secret = text.split('\n')[0]?.trim() ?? '';
  if (secret.length < LEAST_SECRET)
    throw new ReproofError(
      'SETTINGS_INVALID',
      `reading serve.signup-file: ${file} has to begin with ${LEAST_SECRET} characters or more`,
    );
  return secret;
}
