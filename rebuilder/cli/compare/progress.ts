import type { OnProgress } from '../../../compare/index.ts';
import type { CommandContext } from '../context.ts';
import { progressOptions } from '../progress.ts';
import type { CompareCommandOptions } from './options.ts';
import { PATIENCE_MILLISECONDS, progressLine } from './progress-line.ts';
import { openStatusPipe } from './status-pipe.ts';

export type CompareProgress = { readonly report: OnProgress; close(): Promise<void> };

/** Where progress goes: a line on a terminal, unless told otherwise, and the descriptor of --status-fd. Throws USAGE. */
export function openCompareProgress(
  { progress, statusFd }: CompareCommandOptions,
  { stderr, environment }: CommandContext,
): CompareProgress {
  const pipe = statusFd === undefined ? undefined : openStatusPipe(statusFd);
  const shown = progress ?? stderr.redraws;
  const display = progressOptions(stderr, { verbose: false, environment });
  const line = shown ? progressLine(display, progress === true ? 0 : PATIENCE_MILLISECONDS) : undefined;
  return {
    report: (step) => {
      line?.report(step);
      pipe?.report(step);
    },
    close: async () => {
      line?.close();
      await pipe?.close();
    },
  };
}
