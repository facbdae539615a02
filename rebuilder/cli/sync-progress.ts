import type { SyncOutcome, SyncProgress } from '../sync/index.ts';
import type { Output } from './output.ts';
import { escapeTerminal } from './terminal-text.ts';
import { formatDuration } from './units.ts';

const CLEAR_LINE = '\r\x1b[K';

/** Shows a sync as it goes: one line that is drawn again on a terminal, notes alone anywhere else. */
export function openSyncProgress(
  output: Output,
  quiet: boolean,
): { readonly report: (progress: SyncProgress) => void; readonly close: () => void } {
  const drawn = output.redraws ? CLEAR_LINE : '';
  return {
    report: (progress) => {
      if (quiet) return;
      if (progress.kind === 'note') void output.write(`${drawn}note: ${escapeTerminal(progress.text)}\n`);
      else if (output.redraws) void output.write(`${CLEAR_LINE}${lineOf(progress)}`);
    },
    close: () => void (quiet || output.write(drawn)),
  };
}

function lineOf(progress: Exclude<SyncProgress, { kind: 'note' }>): string {
  switch (progress.kind) {
    case 'opening':
      return 'reading Release files';
    case 'reading':
      return `reading indices: ${progress.sources} sources`;
    case 'writing':
      return 'writing what changed';
    default:
      return progress satisfies never;
  }
}

/** What a sync did, in one line. */
export function syncText(outcome: SyncOutcome): string {
  const head = `${escapeTerminal(outcome.profile)}:`;
  const time = formatDuration(outcome.seconds);
  if (outcome.kind === 'unchanged') return `${head} nothing new; ${time}\n`;
  const { sources, files, added, withdrawn, queued, dropped } = outcome;
  return `${head} ${sources} sources, ${files} files; ${added} added, ${withdrawn} withdrawn, ${queued} queued, ${dropped} dropped; ${time}\n`;
}
