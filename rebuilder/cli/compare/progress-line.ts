import type { ProgressStep } from '../../../compare/index.ts';
import { paint } from '../output.ts';
import type { ProgressOptions } from '../progress-display.ts';
import { redrawnBlock, turningMark } from '../redrawn-block.ts';
import { cutToWidth, escapeTerminal } from '../terminal-text.ts';
import { formatDuration, formatSize } from '../units.ts';

/** A comparison that is done by then shows no progress. */
export const PATIENCE_MILLISECONDS = 2_000;

/** Shows how far a comparison is. Nothing may be reported after `close`, which takes the line away. */
export type ProgressLine = { readonly report: (step: ProgressStep) => void; readonly close: () => void };

/** One line that is drawn over on a terminal, after `patience` milliseconds; anywhere else a line for each tenth. */
export function progressLine(options: ProgressOptions, patience: number): ProgressLine {
  const startedAt = options.now();
  let last: ProgressStep | undefined;
  if (!options.isTerminal) {
    let tenth = 0;
    return {
      report: (step) => {
        if (Math.floor(step.done * 10) <= tenth) return;
        tenth = Math.floor(step.done * 10);
        options.write(`compare: ${textOf(step)}\n`);
      },
      close: () => {},
    };
  }
  const block = redrawnBlock(options, () => {
    const elapsed = options.now() - startedAt;
    if (elapsed < patience) return [];
    const mark = paint(turningMark(elapsed, options.unicode), 'yellow', options.colour);
    const rest = `${formatDuration(elapsed / 1000).padStart(8)}  ${last === undefined ? 'reading' : textOf(last)}`;
    // A line as wide as the terminal would wrap on some, and would no longer be erased whole.
    return [`${mark} ${cutToWidth(rest, Math.max(1, options.width() - 3))}`];
  });
  return {
    report: (step) => {
      last = step;
      block.soon();
    },
    close: () => block.end(),
  };
}

function textOf({ done, bytes, at }: ProgressStep): string {
  const place = at.length === 0 ? '' : `  ${escapeTerminal(at.at(-1) as string)}`;
  return `${String(Math.floor(done * 100)).padStart(3)} %  ${formatSize(bytes)} read${place}`;
}
