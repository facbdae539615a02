import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { LogReport, MonitorResult, TileSource, VerifierKey } from '../../../attest/index.ts';
import { ReproofError } from '../../../model/index.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';
import type { Settings } from '../settings.ts';

type WatchOptions = CommonOptions & { readonly key?: string; readonly witness?: readonly string[] };
type RequestOptions = CommonOptions & { readonly old?: string };

/** As for LOG_CORRUPT. */
const DAMAGED = 65;
const ALARM = 1;
const KEY_BYTES = 1024;
const COSIGNATURE_BYTES = 128 * 1024;
const PROGRESS_MILLIS = 2000;

/**
 * Adds what is done with the transparency log to `reproof log`:
 * - verify. JSON: LogReport and `ok`. Exit status 65 where a file is wrong.
 * - monitor. JSON: MonitorResult. Exit status 1 for an alarm.
 * - witness-request. Prints the body of a witness's add-checkpoint.
 * - add-cosignature. JSON: {"origin", "size", "witnesses"}.
 */
export function registerLogFiles(log: Command, context: CommandContext): void {
  const verifying = log
    .command('verify')
    .description('read all of a transparency log: each entry, tile and signature; changes nothing')
    .argument('[folder]', "the log's folder; the data folder's own when not given");
  addWatchOptions(verifying).action((folder: string | undefined, options: WatchOptions) =>
    verify(folder, options, context),
  );
  const monitoring = log
    .command('monitor')
    .description('prove that a transparency log only grew since it was last looked at')
    .argument('<url|folder>', "the log's address, such as https://rebuilder.example/log, or its folder");
  addWatchOptions(monitoring).action((place: string, options: WatchOptions) => monitor(place, options, context));
  const asking = log
    .command('witness-request')
    .description('print what a witness is asked with: the newest checkpoint, and what proves that it only grew')
    .option('--old <size>', 'the size the witness knows; 0 when not given');
  addCommonOptions(asking).action((options: RequestOptions) => witnessRequest(options, context));
  const adding = log
    .command('add-cosignature')
    .description("add a witness's answer to the newest checkpoint")
    .argument('<file>', 'the answer: signature lines; - for standard input')
    .option('--witness <key...>', 'keys of witnesses, NAME+ID+KEY, beside those of the settings');
  addCommonOptions(adding).action((file: string, options: WatchOptions) => addCosignature(file, options, context));
}

function addWatchOptions(command: Command): Command {
  return addCommonOptions(
    command
      .option('--key <key>', "the log's key, NAME+ID+KEY; else the one known already, else the one beside the log")
      .option('--witness <key...>', 'keys of witnesses, beside those of the settings'),
  );
}

async function verify(named: string | undefined, options: WatchOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const { folderSource, verifyLog } = await import('../../../attest/index.ts');
  const { logFolder } = await import('../../open-transparency-log.ts');
  const source = folderSource(named === undefined ? logFolder(settings.data) : resolve(context.workingFolder, named));
  const key = await keyOf(source, options);
  if (named === undefined && options.key === undefined) await requireOwnKey(settings, key);
  const witnesses = await witnessKeys(settings, options);
  const onProgress = progress(context);
  const report = await verifyLog(source, { key, witnesses, onProgress, signal: context.signal });
  const ok = report.faults.length === 0;
  if (!ok) context.endWith(DAMAGED);
  if (options.json) return await writeJson(context.stdout, { ok, ...report });
  await say(context, reportLines(report));
}

function reportLines({ origin, size, rootHash, witnesses, files, faults }: LogReport): readonly string[] {
  return [
    ...faults.map(({ file, why }) => `wrong: ${file}: ${why}`),
    `${origin}: ${size} entries in ${files} files, root ${rootHash}${witnessWords(witnesses)}`,
    faults.length === 0 ? 'all of it is as it was signed' : `${faults.length} faults; restore these files from a copy`,
  ];
}

async function monitor(place: string, options: WatchOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const { folderSource, monitorLog, readVerifierKey } = await import('../../../attest/index.ts');
  const isAddress = /^https?:\/\//.test(place);
  const address = isAddress ? place.replace(/\/+$/, '') : resolve(context.workingFolder, place);
  const files = isAddress ? await openAddress(address, settings, context) : undefined;
  try {
    const result = await monitorLog(files ?? folderSource(address), {
      memory: join(settings.data, 'monitor'),
      address,
      witnesses: await witnessKeys(settings, options),
      ...(options.key === undefined ? {} : { key: readVerifierKey(options.key) }),
    });
    if (result.kind === 'alarm') context.endWith(ALARM);
    if (options.json) return await writeJson(context.stdout, result);
    await say(context, monitorLines(result));
  } finally {
    await files?.close();
  }
}

async function openAddress(address: string, { fetch, proxy }: Settings, { signal }: CommandContext) {
  const { openLogFiles } = await import('../../fetch/index.ts');
  return openLogFiles(address, { signal, stallSeconds: fetch.stallSeconds, tries: fetch.tries, proxy });
}

function monitorLines(result: MonitorResult): readonly string[] {
  const { origin, size } = result;
  switch (result.kind) {
    case 'first':
      return [
        `${origin}: ${size} entries, remembered from now on${witnessWords(result.witnesses)}`,
        ...(result.isKeyGiven
          ? []
          : ['its key was taken from the log itself: compare it with what its operator says, or name it with --key']),
      ];
    case 'consistent':
      return [
        `${origin}: ${size} entries, which begin with the ${result.from} known before${witnessWords(result.witnesses)}`,
      ];
    case 'alarm':
      return [
        result.alarm === 'shrunk'
          ? `ALARM: ${origin} shrank: it shows ${size} entries, and has shown ${result.from}`
          : `ALARM: ${origin} forked: its ${size} entries do not begin with the ${result.from} it has shown`,
        `  it has shown: ${result.evidence[0]}`,
        `  it shows now: ${result.evidence[1]}`,
        '  both are signed by the log; keep them, tell its operator and others who watch it (docs/log.md)',
      ];
    default:
      return result satisfies never;
  }
}

async function witnessRequest(options: RequestOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const { writeWitnessRequest } = await import('../../../attest/index.ts');
  const log = await openOwn(settings);
  try {
    if (!/^[0-9]{1,15}$/.test(options.old ?? '0'))
      throw new ReproofError('USAGE', 'asking a witness: --old has to be a size');
    const old = Number(options.old ?? 0);
    const growth = await log.proveGrowth(old);
    const { signed } = growth;
    const body = writeWitnessRequest(old, growth);
    if (options.json) return await writeJson(context.stdout, { size: signed.checkpoint.size, body });
    await context.stdout.write(body);
  } finally {
    await log.close();
  }
}

async function addCosignature(file: string, options: WatchOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const lines = await readFile(file === '-' ? '/dev/stdin' : resolve(context.workingFolder, file)).catch(
    (cause: Error) => {
      throw new ReproofError('STORE_FAILED', `reading cosignatures: ${cause.message}`, { cause });
    },
  );
  if (lines.length > COSIGNATURE_BYTES)
    throw new ReproofError('LOG_MALFORMED', 'reading cosignatures: they are too long');
  const witnesses = await witnessKeys(settings, options);
  const log = await openOwn(settings);
  try {
    const { checkpoint, note } = await log.addCosignatures(lines, witnesses);
    const names = witnesses
      .filter(({ name, keyId }) => note.signatures.some((line) => line.name === name && line.keyId === keyId))
      .map(({ name }) => name);
    const { origin, size } = checkpoint;
    if (options.json) return await writeJson(context.stdout, { origin, size, witnesses: names });
    await say(context, [`${origin}: ${size} entries${witnessWords(names)}`]);
  } finally {
    await log.close();
  }
}

async function openOwn(settings: Settings) {
  const { openTransparencyLog } = await import('../../open-transparency-log.ts');
  return await openTransparencyLog(settings.data, { keys: await keysOf(settings), origin: settings.log.origin });
}

async function keysOf({ data, keys }: Settings) {
  const { dataKeys } = await import('../../evidence/index.ts');
  return dataKeys({ dataFolder: data, keys, now: () => new Date() });
}

async function keyOf(source: TileSource, { key }: WatchOptions): Promise<VerifierKey> {
  const { readVerifierKey } = await import('../../../attest/index.ts');
  if (key !== undefined) return readVerifierKey(key);
  const bytes = await source.read('log.vkey', KEY_BYTES);
  if (bytes === undefined)
    throw new ReproofError(
      'LOG_CORRUPT',
      'looking for the key of a log: there is no log.vkey beside it; name it with --key',
    );
  return readVerifierKey(Buffer.from(bytes).toString('utf8').trim());
}

/** Of a log that is ours, what lies beside it may not say whose it is. */
async function requireOwnKey(settings: Settings, key: VerifierKey): Promise<void> {
  const { rawEd25519, sameBytes } = await import('../../../attest/index.ts');
  const own = (await (await keysOf(settings)).history()).filter(({ use }) => use === 'log');
  if (own.length > 0 && !own.some(({ publicKey }) => sameBytes(rawEd25519(publicKey), key.publicKey)))
    throw new ReproofError('LOG_SIGNATURE_INVALID', 'verifying the log: log.vkey is no key of this data folder');
}

async function witnessKeys(settings: Settings, { witness = [] }: WatchOptions): Promise<readonly VerifierKey[]> {
  const { readVerifierKey } = await import('../../../attest/index.ts');
  return [...new Set([...settings.log.witnesses, ...witness])].map(readVerifierKey);
}

function witnessWords(witnesses: readonly string[]): string {
  return witnesses.length === 0 ? '' : `, cosigned by ${witnesses.join(', ')}`;
}

/** A line every two seconds on a terminal. */
function progress({ stderr }: CommandContext): (entries: number, size: number) => void {
  let last = performance.now();
  return (entries, size) => {
    if (!stderr.isTerminal || performance.now() - last < PROGRESS_MILLIS) return;
    last = performance.now();
    void stderr.write(`${entries} of ${size} entries read\n`);
  };
}

async function say({ stdout }: CommandContext, lines: readonly string[]): Promise<void> {
  const { escapeTerminal } = await import('../terminal-text.ts');
  await stdout.write(lines.map((line) => `${escapeTerminal(line)}\n`).join(''));
}
