/** Where a log's part begins: a step of dpkg-buildpackage or sbuild is `step`, a command of debhelper in it `command`. */
export type LogSection = { readonly line: number; readonly title: string; readonly kind: 'step' | 'command' };

/** A line that looks like what a build failed of. */
export type LogError = { readonly line: number; readonly text: string };

const TITLE_CHARACTERS = 120;
const ERROR_CHARACTERS = 300;
const SECTIONS = 5000;
/** So many of the first and of the last lines with errors are kept. */
const ERRORS = 100;

/*
 * dpkg-buildpackage prints its commands behind one blank, debhelper's dh behind three; sbuild frames its titles. Each
 * line of our own logs begins with a stamp, "[  SECONDS] ".
 */
const STAMP = String.raw`^(?:\[ *\d+\.\d{3}\] )?`;
const SECTION = new RegExp(
  `${STAMP}(?: ((?:fakeroot )?debian/rules [^\\n]+|dpkg-(?:source|genbuildinfo|genchanges|gensymbols) [^\\n]+)|` +
    ` {3}((?:dh_|debian/rules )[^\\n]+)|\\| ([A-Z][^|\\n]*[^ |\\n]) +\\|)`,
  'gm',
);
const ERROR =
  /^.*(?:\b(?:fatal )?error:|\berror\[E\d+\]|\bERROR\b|\bFAILED\b|\*\*\* \[|\bE: |undefined reference to|Traceback \(most recent|Segmentation fault|command not found|No such file or directory|returned exit code [1-9]).*$/gm;

/** Gathers what a log says of itself while its blocks pass by. Text is bytes as latin1, so that no place moves. */
export class LogSigns {
  readonly sections: LogSection[] = [];
  readonly #first: LogError[] = [];
  readonly #last: LogError[] = [];
  #errors = 0;

  /** `line` is the number of the text's first line, which begins before the text where it is `inside`. */
  take(latin1: string, line: number, inside: boolean): void {
    const from = inside ? latin1.indexOf('\n') + 1 : 0;
    if (inside && from === 0) return;
    const text = inside ? latin1.slice(from) : latin1;
    const numbers = counter(text, inside ? line + 1 : line);
    for (const match of text.matchAll(SECTION)) {
      const [, step, command, framed] = match;
      if (this.sections.length >= SECTIONS) break;
      this.sections.push({
        line: numbers(match.index),
        title: readable(step ?? command ?? framed ?? '', TITLE_CHARACTERS),
        kind: command === undefined ? 'step' : 'command',
      });
    }
    const again = counter(text, inside ? line + 1 : line);
    for (const match of text.matchAll(ERROR)) {
      const error = { line: again(match.index), text: readable(match[0], ERROR_CHARACTERS) };
      this.#errors++;
      if (this.#first.length < ERRORS) this.#first.push(error);
      else {
        this.#last.push(error);
        if (this.#last.length > ERRORS) this.#last.shift();
      }
    }
  }

  /** What was kept, and how many there are in all. */
  get errors(): { readonly shown: readonly LogError[]; readonly total: number } {
    return { shown: [...this.#first, ...this.#last], total: this.#errors };
  }
}

/** Gives the line's number of a place; places have to grow. */
function counter(text: string, line: number): (place: number) => number {
  let at = 0;
  let count = line;
  return (place) => {
    for (let next = text.indexOf('\n', at); next >= 0 && next < place; next = text.indexOf('\n', at)) {
      count++;
      at = next + 1;
    }
    return count;
  };
}

function readable(latin1: string, characters: number): string {
  return Buffer.from(latin1.slice(0, 4 * characters), 'latin1')
    .toString('utf8')
    .slice(0, characters)
    .toWellFormed();
}
