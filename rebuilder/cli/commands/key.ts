import { type Command, Option } from 'commander';
import type { KeyUse } from '../../../attest/index.ts';
import { ReproofError } from '../../../model/index.ts';
import type { ReplacementTold } from '../../evidence/index.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';
import { evidenceSettings } from '../evidence-settings.ts';
import { tableText } from '../table.ts';

const USES = ['statement', 'log'] as const satisfies readonly KeyUse[];

type ShowOptions = CommonOptions & { readonly pem?: KeyUse };
type UseOptions = CommonOptions & { readonly use: KeyUse };

/**
 * Adds `reproof key show|rotate|import`. JSON of show: {"keys": [{"use", "keyid", "algorithm", "publicKey", "validFrom",
 * "validUntil"}]}; of the others: {"key", "replaced", "logIndex"}.
 */
export function register(program: Command, context: CommandContext): void {
  const key = program.command('key').description('the keys that statements and the log are signed with');
  addCommonOptions(
    key
      .command('show', { isDefault: true })
      .description('list the keys that sign and those that did, with their times')
      .addOption(new Option('--pem <use>', 'print the public key that signs now, in PEM').choices(USES)),
  ).action((options: ShowOptions) => show(options, context));
  addCommonOptions(
    key
      .command('rotate')
      .description('sign with a new key from now on; what the old one signed stays valid')
      .addOption(new Option('--use <use>', 'what it signs').choices(USES).default('statement')),
  ).action((options: UseOptions) => replace(options, context));
  addCommonOptions(
    key
      .command('import')
      .description('sign with a key made elsewhere: PKCS#8 in PEM, ECDSA P-256 for statements, Ed25519 for the log')
      .argument('<file>', 'the private key')
      .addOption(new Option('--use <use>', 'what it signs').choices(USES).default('statement')),
  ).action((file: string, options: UseOptions) => replace(options, context, file));
}

async function show(options: ShowOptions, context: CommandContext): Promise<void> {
  const { publicKeyText } = await import('../../../attest/index.ts');
  const { keys } = await openKeysOf(options, context);
  const lives = await keys.history();
  if (options.pem !== undefined) {
    const now = lives.findLast(({ use }) => use === options.pem);
    if (now === undefined)
      throw new ReproofError(
        'RESOURCE_UNKNOWN',
        `reading the ${options.pem} key: there is none yet; the first rebuild makes it`,
      );
    return void (await context.stdout.write(publicKeyText(now)));
  }
  if (options.json === true)
    return writeJson(context.stdout, { keys: lives.map((life) => ({ ...life, publicKey: publicKeyText(life) })) });
  const rows = lives.map((life) => [
    life.use,
    life.algorithm,
    life.validFrom,
    life.validUntil ?? 'signs now',
    life.keyid,
  ]);
  const text = tableText(['USE', 'KIND', 'FROM', 'UNTIL', 'KEY'], rows);
  await context.stdout.write(text === '' ? 'there are no keys yet; the first rebuild makes them\n' : text);
}

async function replace(options: UseOptions, context: CommandContext, file?: string): Promise<void> {
  const { keys, place } = await openKeysOf(options, context);
  const imported = file === undefined ? undefined : await readImported(file, options, context);
  const { openDataEvidence, replaceKey } = await import('../../evidence/index.ts');
  const evidence = openDataEvidence(place);
  try {
    await writeReplaced(await replaceKey({ keys, evidence }, options.use, imported), options, context);
  } finally {
    await evidence.close();
  }
}

async function readImported(file: string, options: CommonOptions, context: CommandContext) {
  const { resolve } = await import('node:path');
  const { readGivenKey } = await import('../../../attest/index.ts');
  const { keys } = await context.settings(options);
  return readGivenKey(resolve(context.workingFolder, file), keys.passphrase);
}

async function openKeysOf(options: CommonOptions, context: CommandContext) {
  const settings = await context.settings(options);
  const { dataKeys } = await import('../../evidence/index.ts');
  const place = { dataFolder: settings.data, now: () => new Date(), ...evidenceSettings(settings) };
  return { place, keys: dataKeys(place) };
}

async function writeReplaced(
  { next, before, logIndex }: ReplacementTold,
  options: CommonOptions,
  { stdout }: CommandContext,
): Promise<void> {
  if (options.json === true)
    return writeJson(stdout, {
      key: next.keyid,
      ...(before === undefined ? {} : { replaced: before.keyid }),
      ...(logIndex === undefined ? {} : { logIndex }),
    });
  const lines = [
    `${next.keyid} signs from now on`,
    ...(before === undefined
      ? []
      : [`${before.keyid} signed until now, and says so in the log${logIndex === undefined ? '' : ` at ${logIndex}`}`]),
  ];
  await stdout.write(`${lines.join('\n')}\n`);
}
