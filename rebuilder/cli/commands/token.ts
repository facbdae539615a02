import { type Command, InvalidArgumentError, Option } from 'commander';
import { ReproofError } from '../../../model/index.ts';
import type { Role, Token } from '../../store/access/types.ts';
import type { ServiceStore } from '../../store/index.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';
import { escapeTerminal } from '../terminal-text.ts';
import { parseDuration } from '../units.ts';

const ROLES = ['reader', 'worker', 'operator', 'admin'] as const satisfies readonly Role[];
const AUDIT_LINES = 100;

/**
 * Adds `reproof token create|list|revoke` and `reproof audit`, which work on the data folder, whether or not a service
 * runs. JSON of create: {"token", "secret"}; of list: {"tokens"}; of revoke: {"revoked"}; of audit: {"entries"}.
 */
export function register(program: Command, context: CommandContext): void {
  const token = program.command('token').description('who may do what with a service');
  addCommonOptions(
    token
      .command('create')
      .description('make a token and print it: it cannot be seen again')
      .argument('<name>', 'whose it is')
      .addOption(new Option('--role <role>', 'what it opens').choices(ROLES).makeOptionMandatory())
      .option('--expires <duration>', 'how long it is good, such as 90d', parseExpiry),
  ).action((name: string, options: CommonOptions & { role: Role; expires?: number }) =>
    withStore(options, context, (store) => create(store, { name, options, context })),
  );
  addCommonOptions(token.command('list', { isDefault: true }).description('list tokens')).action(
    (options: CommonOptions) =>
      withStore(options, context, async ({ access }) => {
        const tokens = await access.tokens();
        if (options.json === true) return writeJson(context.stdout, { tokens });
        await context.stdout.write(tokens.map((one) => `${escapeTerminal(lineOf(one))}\n`).join(''));
      }),
  );
  addCommonOptions(
    token.command('revoke').description('take a token its rights').argument('<id>', 'as listed', parseId),
  ).action((id: number, options: CommonOptions) =>
    withStore(options, context, async ({ noted }) => {
      const entry = { actor: 'local', action: 'token.revoke', subject: `token:${id}`, detail: {} };
      const isRevoked = await noted(
        ({ access }) => access.revokeToken(id),
        (done) => (done ? entry : undefined),
      );
      if (!isRevoked)
        throw new ReproofError('RESOURCE_UNKNOWN', `revoking token ${id}: there is none, or it was revoked before`);
      if (options.json === true) await writeJson(context.stdout, { revoked: id });
    }),
  );
  addCommonOptions(
    program
      .command('audit')
      .description('list who changed what, newest first')
      .option('--limit <n>', 'at most so many', parseId, AUDIT_LINES),
  ).action((options: CommonOptions & { limit: number }) =>
    withStore(options, context, async ({ access }) => {
      const { records } = await access.auditLog({ direction: 'descending', limit: options.limit });
      if (options.json === true) return writeJson(context.stdout, { entries: records });
      const lines = records.map(({ at, actor, action, subject, detail }) =>
        escapeTerminal(`${at} ${actor} ${action} ${subject} ${JSON.stringify(detail)}`),
      );
      await context.stdout.write(lines.map((line) => `${line}\n`).join(''));
    }),
  );
}

async function create(
  { noted }: Pick<ServiceStore, 'noted'>,
  {
    name,
    options,
    context,
  }: {
    readonly name: string;
    readonly options: CommonOptions & { role: Role; expires?: number };
    readonly context: CommandContext;
  },
): Promise<void> {
  const expiresAt =
    options.expires === undefined ? undefined : new Date(Date.now() + options.expires * 1000).toISOString();
  const { role } = options;
  const made = await noted(
    ({ access }) => access.createToken({ name, role, ...(expiresAt === undefined ? {} : { expiresAt }) }),
    ({ token: { id } }) => ({ actor: 'local', action: 'token.create', subject: `token:${id}`, detail: { name, role } }),
  );
  if (options.json === true) return writeJson(context.stdout, made);
  await context.stdout.write(`${made.secret}\n`);
}

async function withStore(
  options: CommonOptions,
  context: CommandContext,
  work: (store: ServiceStore) => Promise<unknown>,
): Promise<void> {
  const { database } = await context.settings(options);
  const { openServiceStore } = await import('../../store/index.ts');
  const store = await openServiceStore(database);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

function lineOf({ id, name, role, createdAt, expiresAt, revokedAt, lastUsedAt }: Token): string {
  const state =
    revokedAt === undefined ? (expiresAt === undefined ? 'good' : `until ${expiresAt}`) : `revoked ${revokedAt}`;
  return `${id}  ${role}  ${name}  made ${createdAt}  ${state}  ${lastUsedAt === undefined ? 'never used' : `used ${lastUsedAt}`}`;
}

function parseId(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number from 1 on.');
  return Number(text);
}

function parseExpiry(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined || seconds <= 0) throw new InvalidArgumentError('It has to be a duration, such as 90d.');
  return seconds;
}
