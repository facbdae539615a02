import { type Command, InvalidArgumentError } from 'commander';
import { addCommonOptions, type CommandContext } from '../context.ts';
import type { VerifyOptions } from '../verify/options.ts';

const HELP = `
Exit status: 0 the policy holds, 1 it does not (too few agree), 2 somebody says otherwise,
64 wrong usage, 65 evidence or policy is not sound, and as reproof for the rest.`;

/** Adds `reproof verify FILE`. JSON: an Answer, as docs/verify.md describes it. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('verify')
    .description('say whether rebuilders that a policy names vouch for a file, by what they signed')
    .argument('<file>', 'the file as it was published')
    .requiredOption('--policy <file>', 'whom to believe, and how many of them: docs/verify.md')
    .option('--evidence <place>', 'a pack, a folder or an address of evidence; may be given often', gather)
    .option('--from-rebuilderd <url>', 'ask a rebuilderd for its links; may be given often', gather)
    .option('--at <time>', 'for what time it is asked (usually now), such as 2026-01-02T03:04:05Z', readTime)
    .option(
      '--write-vsa <file>',
      'write a signed and logged SLSA verification summary: FILE.sigstore.json, FILE.dsse.json, FILE.trusted-root.json',
    )
    .option('--verifier <uri>', 'who verifies, in the summary: an address of yours')
    .addHelpText('after', HELP);
  addCommonOptions(command).action(async (file: string, options: VerifyOptions) => {
    const { runVerify } = await import('../verify/run-verify.ts');
    context.endWith(await runVerify(file, options, context));
  });
}

function gather(place: string, all: readonly string[] = []): readonly string[] {
  return [...all, place];
}

function readTime(text: string): Date {
  const time = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)
    ? new Date(text)
    : new Date(Number.NaN);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('It has to be such as 2026-01-02T03:04:05Z.');
  return time;
}
