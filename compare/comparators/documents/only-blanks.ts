import type { Reason } from '../../../model/index.ts';
import type { TextLines, TextPair } from './text-lines.ts';

/** What alone differs of two texts split by newlines, where it is only white space. */
export function onlyBlanks({ left, right, equal }: TextPair): Reason | undefined {
  if (!sameButForBlanks(between(left, equal), between(right, equal))) return undefined;
  const [before, after] = [textOf(left), textOf(right)];
  const endings = { left: left.endings, right: right.endings };
  const reason = (kind: Reason['kind'], what: string): Reason => ({ kind, evidence: `only ${what} differs` });
  const same = (change: (text: string) => string): boolean => change(before) === change(after);
  if (before === after) return undefined;
  if (same((text) => text.replace(/\n$/, ''))) return reason('whitespace', 'the newline at the end');
  if (same((text) => text.replaceAll('\r\n', '\n').replaceAll('\r', '\n')))
    return { kind: 'line-endings', evidence: 'only line endings differ', ...endings };
  const trimmed = (text: string): string =>
    text
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n');
  if (same((text) => trimmed(text).trimEnd())) return reason('whitespace', 'whitespace at the ends of lines');
  if (same((text) => text.replace(/\s+/g, '')))
    return { kind: 'whitespace', evidence: 'only blanks and line breaks differ' };
  return undefined;
}

/** Said where every line holds the same characters, made of other code points. */
export function onlyComposition({ left, right, equal }: TextPair): Reason | undefined {
  const [old, now] = [between(left, equal), between(right, equal)];
  if (old.length !== now.length || left.open !== right.open) return undefined;
  if (!old.every((line, index) => line.normalize('NFC') === now[index]?.normalize('NFC'))) return undefined;
  if (old.every((line, index) => line === now[index])) return undefined;
  return { kind: 'encoding', evidence: 'the same characters, composed otherwise (Unicode normalization)' };
}

function textOf({ lines, open }: TextLines): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}${open ? '' : '\n'}`;
}

function between({ lines }: TextLines, { first, last }: TextPair['equal']): readonly string[] {
  return lines.slice(first, lines.length - last);
}

/** True where nothing but white space may differ. */
function sameButForBlanks(left: readonly string[], right: readonly string[]): boolean {
  const [one, other] = [new Characters(left), new Characters(right)];
  for (;;) {
    const [code, otherCode] = [one.next(), other.next()];
    if (code !== otherCode) return false;
    if (code === undefined) return true;
  }
}

/** The characters of lines that are no blanks. */
class Characters {
  readonly #lines: readonly string[];
  #line = 0;
  #at = 0;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  next(): number | undefined {
    for (; this.#line < this.#lines.length; this.#line++) {
      const line = this.#lines[this.#line] as string;
      while (this.#at < line.length) {
        const code = line.charCodeAt(this.#at++);
        if (!isBlank(code)) return code;
      }
      this.#at = 0;
    }
    return undefined;
  }
}

/** What \s matches (ECMA-262, WhiteSpace and LineTerminator), but for the byte order mark, which has no width. */
function isBlank(code: number): boolean {
  if (code < 128) return code === 32 || (code >= 9 && code <= 13);
  return code >= 0xa0 && code !== 0xfeff && /\s/.test(String.fromCharCode(code));
}
