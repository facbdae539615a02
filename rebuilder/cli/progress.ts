import type { ProgressEvent } from '../../model/index.ts';
import type { Output } from './output.ts';
import { paint } from './output.ts';
import type { ProgressDisplay, ProgressOptions } from './progress-display.ts';
import { liveReporter } from './progress-live.ts';
import { escapeTerminal } from './terminal-text.ts';
import { formatDuration } from './units.ts';

/** Shows a rebuild's progress: redrawn in place on a terminal, plain lines anywhere else. */
export function terminalReporter(options: ProgressOptions): ProgressDisplay {
  if (options.isTerminal) return liveReporter(options);
  return {
    report: (event) => {
      const line = lineOf(event, options);
      if (line !== undefined) options.write(`${line}\n`);
    },
    close: () => {},
  };
}

/** The line an event leaves for good; undefined for one that only shows while it lasts. */
export function lineOf(event: ProgressEvent, options: ProgressOptions): string | undefined {
  if (event.kind === 'note') return `note: ${escapeTerminal(event.text)}`;
  if (event.kind === 'log')
    return options.verbose ? paint(escapeTerminal(event.line), 'dim', options.colour) : undefined;
  if (event.kind === 'fetch') return undefined;
  const detail = event.detail === undefined ? '' : `: ${escapeTerminal(event.detail)}`;
  const time = event.wallSeconds === undefined ? '' : ` in ${formatDuration(event.wallSeconds)}`;
  switch (event.state) {
    case 'started':
      return `${event.stage}: started${detail}`;
    case 'done':
      return `${event.stage}: done${time}${detail}`;
    case 'resumed':
      return `${event.stage}: done before${detail}`;
    default:
      return event.state satisfies never;
  }
}

/** The display on standard error, as the environment and the options ask for. */
export function openProgress(
  output: Output,
  options: {
    readonly quiet: boolean;
    readonly verbose: boolean;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): ProgressDisplay {
  if (options.quiet) return { report: () => {}, close: () => {} };
  return terminalReporter(progressOptions(output, options));
}

/** How progress is shown on an output. */
export function progressOptions(
  output: Output,
  options: { readonly verbose: boolean; readonly environment: Readonly<Record<string, string | undefined>> },
): ProgressOptions {
  const { environment } = options;
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return {
    write: (text) => void output.write(text),
    isTerminal: output.redraws,
    colour: output.colour,
    unicode: /utf-?8/i.test(locale),
    verbose: options.verbose,
    width: output.width,
    now: () => performance.now(),
    every: (milliseconds, call) => {
      const timer = setInterval(call, milliseconds).unref();
      return () => clearInterval(timer);
    },
  };
}
