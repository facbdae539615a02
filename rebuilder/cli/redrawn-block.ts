import type { ProgressOptions } from './progress-display.ts';

export const REDRAW_MILLISECONDS = 100;

const UNICODE = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const ASCII = ['|', '/', '-', '\\'];

/** What turns while something runs, after so many milliseconds. */
export function turningMark(milliseconds: number, unicode: boolean): string {
  const frames = unicode ? UNICODE : ASCII;
  return frames[Math.floor(milliseconds / REDRAW_MILLISECONDS) % frames.length] ?? '';
}

/** Lines at the end of a terminal that are drawn over: at most ten drawings a second, however often it is asked for. */
export type RedrawnBlock = {
  /** A line that stays, above the block, from the next drawing on. */
  readonly leave: (line: string) => void;
  /** Draws, unless it was drawn just now. */
  readonly soon: () => void;
  /** Draws what is to be left and takes the block away. */
  readonly end: () => void;
};

/** `lines` gives the block as it is now, each cut to the width; empty for nothing. */
export function redrawnBlock(options: ProgressOptions, lines: () => readonly string[]): RedrawnBlock {
  let drawnLines = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let pending = '';
  const draw = (block: readonly string[]): void => {
    const text = `${erase(drawnLines)}${pending}${block.map((line) => `${line}\n`).join('')}`;
    pending = '';
    drawnLines = block.length;
    drawnAt = options.now();
    if (text !== '') options.write(text);
  };
  const soon = (): void => {
    if (options.now() - drawnAt >= REDRAW_MILLISECONDS) draw(lines());
  };
  const stop = options.every(REDRAW_MILLISECONDS, soon);
  return {
    leave: (line) => {
      pending += `${line}\n`;
    },
    soon,
    end: () => {
      stop();
      draw([]);
    },
  };
}

function erase(lines: number): string {
  return lines === 0 ? '' : `\x1b[${lines}A\r\x1b[J`;
}
