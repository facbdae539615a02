import type { Reporter } from '../../model/index.ts';

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
