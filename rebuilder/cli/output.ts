import type { Writable } from 'node:stream';

/** What a stream that people or programs read can do. */
export type Output = {
  /** Writes, waiting while the reader is slow. False once the reader has gone (| head): there is no use in more. */
  readonly write: (text: string | Uint8Array) => Promise<boolean>;
  readonly isTerminal: boolean;
  /** True for a terminal that understands cursor movements. */
  readonly redraws: boolean;
  readonly colour: boolean;
  /** Columns now; they change when a window does. */
  readonly width: () => number;
};

type TerminalStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

const GONE: readonly string[] = ['EPIPE', 'ERR_STREAM_DESTROYED', 'ECONNRESET'];

/**
 * Makes an output of a stream. Whoever reads it may leave early: that is no error. Any other failure (a full disk)
 * goes to `onFailure`, for what was printed is not whole then.
 */
export function openOutput(
  stream: TerminalStream,
  environment: Readonly<Record<string, string | undefined>>,
  onFailure: (error: Error) => void,
): Output {
  let gone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    gone = true;
    if (!GONE.includes(error.code ?? '')) onFailure(error);
  });
  const isTerminal = stream.isTTY === true;
  return {
    isTerminal,
    redraws: isTerminal && environment.TERM !== 'dumb',
    colour: wantsColour(isTerminal, environment),
    width: () => stream.columns ?? 80,
    write: (text) =>
      gone || text.length === 0
        ? Promise.resolve(!gone)
        : new Promise((resolve) => {
            stream.write(text, (error) => {
              if (error) gone = true;
              resolve(!gone);
            });
          }),
  };
}

/** FORCE_COLOR wins over NO_COLOR (https://no-color.org), as in Node itself; both count only when not empty. */
export function wantsColour(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment.FORCE_COLOR) return environment.FORCE_COLOR !== '0';
  if (environment.NO_COLOR || environment.TERM === 'dumb') return false;
  return isTerminal;
}

export type Colour = 'red' | 'green' | 'yellow' | 'bold' | 'dim';

const CODES: Readonly<Record<Colour, readonly [number, number]>> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  bold: [1, 22],
  dim: [2, 22],
};

/** Text in a colour, or as it is when colours are off. */
export function paint(text: string, colour: Colour, on: boolean): string {
  return on ? `\x1b[${CODES[colour][0]}m${text}\x1b[${CODES[colour][1]}m` : text;
}
