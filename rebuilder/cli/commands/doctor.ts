import type { Command } from 'commander';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';

/** Adds `reproof doctor`. JSON: {"ok": BOOLEAN, "checks": [{"name", "state": ok|warn|fail, "detail", "todo"?}, ...]}. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('doctor')
    .description('check that this machine can rebuild, and say what to do where it cannot')
    .option('--mirror <url>', 'the Debian mirror')
    .option('--keyring <file>', "the keys the archive's Release file has to be signed with")
    .option('--engine <address>', "the container engine: a socket's path, unix:// or tcp://");
  addCommonOptions(command).action((options: CommonOptions) => doctor(options, context));
}

async function doctor(options: CommonOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const { examine, checkText } = await import('../doctor/examine.ts');
  const checks = await examine({ settings, environment: context.environment, signal: context.signal });
  const ok = checks.every((check) => check.state !== 'fail');
  if (!ok) context.endWith(69);
  if (options.json) return writeJson(context.stdout, { ok, checks });
  for (const check of checks) await context.stdout.write(checkText(check, context.stdout.colour));
}
