import type { ProgressEvent, Reporter } from '../../model/index.ts';
import type { Output } from './output.ts';
import { paint } from './output.ts';
import { liveReporter } from './progress-live.ts';
import { escapeTerminal } from './terminal-text.ts';
import { formatDuration } from './units.ts';

/** A running display. Nothing may be reported after `close`, which leaves the terminal as it should be. */
export type ProgressDisplay = { readonly report: Reporter; readonly close: () => void };

export type ProgressOptions = {
  /** Takes what is to be written, at once and without waiting. */
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly colour: boolean;
  /** True when the terminal shows more than ASCII. */
  readonly unicode: boolean;
  /** Build log lines are printed, too. */
  readonly verbose: boolean;
  readonly width: () => number;
  /** Milliseconds from any start. */
  readonly now: () => number;
  /** Calls again and again until the returned function is called. */
  readonly every: (milliseconds: number, call: () => void) => () => void;
};

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
  const { environment } = options;
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return terminalReporter({
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
  });
}
