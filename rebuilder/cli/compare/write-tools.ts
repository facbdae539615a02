import { listTools } from '../../../compare/index.ts';
import type { CommandContext } from '../context.ts';
import { escapeTerminal } from '../terminal-text.ts';
import type { CompareCommandOptions } from './options.ts';

/** Lists the outside programs that comparing uses, or those that are missing: what for, and which version is there. */
export async function writeTools(options: CompareCommandOptions, context: CommandContext): Promise<void> {
  const tools = await listTools(context.signal);
  const missing = tools.filter(({ version }) => version === undefined);
  const shown = options.listMissingTools === true ? missing : tools;
  const lines = shown.map(
    ({ program, use, debian, version }) =>
      `${program.padEnd(11)} ${escapeTerminal(version ?? `missing: in Debian's package ${debian}`)}\n${' '.repeat(12)}${use}\n`,
  );
  await context.stdout.write(lines.join(''));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(({ debian }) => debian))];
  await context.stdout.write(`to get what is missing: apt-get install ${packages.join(' ')}\n`);
}
