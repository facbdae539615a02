import { VERDICT_EXIT_STATUS } from '../../../model/index.ts';
import type { CommandContext } from '../context.ts';
import type { RebuildTask } from '../rebuild-runner.ts';
import type { BuildOptions } from './rebuild-options.ts';

/**
 * The body of rebuild, replay and resume: progress on standard error, the result on standard output, the verdict as
 * the exit status.
 */
export async function runTask(task: RebuildTask, options: BuildOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings(options);
  const [{ runRebuild }, { openProgress }, { resultText }, { recordJson }] = await Promise.all([
    import('../rebuild-runner.ts'),
    import('../progress.ts'),
    import('../result-text.ts'),
    import('../report/record-json.ts'),
  ]);
  const progress = openProgress(context.stderr, {
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    environment: context.environment,
  });
  const record = await runRebuild({ task, settings, report: progress.report, signal: context.signal }).finally(() =>
    progress.close(),
  );
  context.endWith(VERDICT_EXIT_STATUS[record.verdict.kind]);
  if (options.json) await context.stdout.write(recordJson(record));
  else await context.stdout.write(resultText(record, { colour: context.stdout.colour, data: settings.data }));
}
