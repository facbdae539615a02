import type { ProgressEvent, StageName } from '../../model/index.ts';
import { paint } from './output.ts';
import type { ProgressDisplay, ProgressOptions } from './progress-display.ts';
import { redrawnBlock, turningMark } from './redrawn-block.ts';
import { cutToWidth, escapeTerminal } from './terminal-text.ts';
import { formatDuration, formatSize } from './units.ts';

const LOG_LINES = 5;
const STAGE_COLUMNS = 'environment'.length;

type Current = {
  readonly stage: StageName;
  readonly detail: string;
  readonly startedAt: number;
  fetched: Extract<ProgressEvent, { kind: 'fetch' }> | undefined;
  readonly log: string[];
};

/**
 * Shows progress on a terminal. Finished stages and notes scroll by; under them stands a block that is drawn over:
 * the stage that runs and, dimmed, the last lines of its log. At most ten drawings a second, however fast lines come.
 */
export function liveReporter(options: ProgressOptions): ProgressDisplay {
  let current: Current | undefined;
  const { leave, soon, end } = redrawnBlock(options, () => (current === undefined ? [] : blockOf(current, options)));

  const reportStage = (event: Extract<ProgressEvent, { kind: 'stage' }>): void => {
    const detail = escapeTerminal(event.detail ?? '');
    if (event.state === 'started') {
      current = { stage: event.stage, detail, startedAt: options.now(), fetched: undefined, log: [] };
      return;
    }
    const time = event.state === 'resumed' ? 'before' : formatDuration(event.wallSeconds ?? 0);
    const mark = paint(options.unicode ? '✓' : '+', 'green', options.colour);
    leave(`${mark} ${event.stage.padEnd(STAGE_COLUMNS)} ${time.padStart(8)}${detail && `  ${detail}`}`.trimEnd());
    if (current?.stage === event.stage) current = undefined;
  };

  return {
    report: (event) => {
      switch (event.kind) {
        case 'stage':
          reportStage(event);
          break;
        case 'note':
          leave(`note: ${escapeTerminal(event.text)}`);
          break;
        case 'fetch':
          if (current !== undefined) current.fetched = event;
          break;
        case 'log':
          if (options.verbose) leave(paint(escapeTerminal(event.line), 'dim', options.colour));
          else if (current !== undefined) {
            current.log.push(event.line);
            if (current.log.length > LOG_LINES) current.log.shift();
          }
          break;
        default:
          event satisfies never;
      }
      soon();
    },
    close: end,
  };
}

function blockOf(current: Current, options: ProgressOptions): readonly string[] {
  // A line as wide as the terminal would wrap on some, and the block would no longer be erased whole.
  const columns = Math.max(1, options.width() - 1);
  const elapsed = (options.now() - current.startedAt) / 1000;
  const frame = turningMark(elapsed * 1000, options.unicode);
  const doing = current.fetched === undefined ? current.detail : fetchText(current.fetched, options.unicode);
  const rest = `${current.stage.padEnd(STAGE_COLUMNS)} ${formatDuration(elapsed).padStart(8)}${doing && `  ${doing}`}`;
  const head = `${paint(frame, 'yellow', options.colour)} ${cutToWidth(rest.trimEnd(), columns - 2)}`;
  return [
    head,
    ...current.log.map((line) => paint(cutToWidth(`  ${escapeTerminal(line)}`, columns), 'dim', options.colour)),
  ];
}

const BAR_CELLS = 20;

function fetchText(state: Extract<ProgressEvent, { kind: 'fetch' }>, unicode: boolean): string {
  const share = state.bytes > 0 ? Math.min(1, state.bytesDone / state.bytes) : 0;
  const filled = Math.floor(share * BAR_CELLS);
  const [full, empty] = unicode ? ['█', '░'] : ['#', '.'];
  const bar = `${full?.repeat(filled)}${empty?.repeat(BAR_CELLS - filled)}`;
  return `${bar} ${state.filesDone}/${state.files} files, ${formatSize(state.bytesDone)} of ${formatSize(state.bytes)}`;
}
