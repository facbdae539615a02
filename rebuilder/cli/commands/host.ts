import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ReproofError } from '../../../model/index.ts';
import { runProgram } from '../../../programs/index.ts';
import type { HostReport } from '../../host/index.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';

type HostOptions = CommonOptions & {
  readonly server?: string;
  readonly file?: string;
  readonly distribution?: string;
  readonly all?: boolean;
};

/** dpkg-query(1): three letters of status first. */
const FIELDS = ['db:Status-Abbrev', 'Package', 'Version', 'Architecture'];
const QUERY = ['dpkg-query', '-W', '-f', `${FIELDS.map((field) => `\${${field}}`).join(' ')}\n`] as const;
const WALL_SECONDS = 60;
const ANSWER_BYTES = 64 * 1024 ** 2;

/**
 * Adds `reproof host`: what of this machine's packages was reproduced. JSON: the answer of POST /api/host (docs/api.md).
 * A token for a service that is not public comes from REPROOF_TOKEN.
 */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('host')
    .description("what of this machine's packages was reproduced, and by how many rebuilders")
    .option('--server <url>', 'ask this service; else what this machine itself keeps')
    .option(
      '--file <file>',
      "a list in place of this machine's: of dpkg-query, dpkg -l, a .buildinfo, a lock; - reads it from standard input",
    )
    .option('--distribution <name>', 'only what this distribution publishes counts')
    .option('--all', 'list what was reproduced, and what is not listed, too');
  addCommonOptions(command).action(async (options: HostOptions) => {
    const text = options.file === undefined ? await installedHere(context.signal) : await listIn(options.file);
    const report = await (options.server === undefined
      ? ofStore(text, options, context)
      : ofServer(text, options.server, { options, context }));
    if (options.json) return writeJson(context.stdout, report);
    const { hostText } = await import('../report/host-text.ts');
    await context.stdout.write(hostText(report, { all: options.all === true }));
  });
}

/** What dpkg has installed here, one package a line. Throws PROGRAM_MISSING, PROGRAM_FAILED. */
async function installedHere(signal: AbortSignal): Promise<string> {
  const { LIST_LIMITS } = await import('../../host/index.ts');
  const { status, stdout, stderr } = await runProgram([...QUERY], {
    limits: { wallSeconds: WALL_SECONDS, outputBytes: LIST_LIMITS.bytes },
    signal,
  });
  if (status !== 0)
    throw new ReproofError('PROGRAM_FAILED', `asking dpkg-query for what is installed: ${stderr.trim().slice(0, 500)}`);
  // The abbreviation's second letter, dpkg-query(1): what is not installed is not on this machine.
  return stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line[1] === 'i')
    .map((line) => line.slice(3).trim())
    .join('\n');
}

async function listIn(file: string): Promise<string> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
  } catch (cause) {
    throw new ReproofError('USAGE', `reading the list of packages: ${(cause as Error).message}`, { cause });
  }
}

async function ofStore(text: string, options: HostOptions, context: CommandContext): Promise<HostReport> {
  const { database } = await context.settings(options);
  const [{ openServiceStore }, { readPackageList, reportHost }] = await Promise.all([
    import('../../store/index.ts'),
    import('../../host/index.ts'),
  ]);
  const list = readPackageList(text);
  const store = await openServiceStore(database);
  try {
    return await reportHost(list, store, scopeOf(options));
  } finally {
    await store.close();
  }
}

async function ofServer(
  text: string,
  server: string,
  { options, context }: { readonly options: HostOptions; readonly context: CommandContext },
): Promise<HostReport> {
  const { proxy } = await context.settings(options);
  const [{ askService }, { readHostReport }] = await Promise.all([
    import('../../fetch/index.ts'),
    import('../../server/index.ts'),
  ]);
  const address = `${server.replace(/\/+$/, '')}/api/host${queryOf(options)}`;
  const token = context.environment.REPROOF_TOKEN;
  const answer = await askService(
    address,
    {
      body: text,
      type: 'text/plain; charset=utf-8',
      maxBytes: ANSWER_BYTES,
      timeoutSeconds: WALL_SECONDS,
      proxy,
      ...(token ? { token } : {}),
    },
    context.signal,
  );
  return readHostReport(answer);
}

function queryOf({ distribution }: HostOptions): string {
  return distribution === undefined ? '' : `?distribution=${encodeURIComponent(distribution)}`;
}

function scopeOf({ distribution }: HostOptions): { readonly distribution?: string } {
  return distribution === undefined ? {} : { distribution };
}
