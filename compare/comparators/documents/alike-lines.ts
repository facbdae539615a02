import { escapeText } from '../../escape.ts';
import type { Explanation } from '../../types.ts';

/** Characters of a line that is looked at, those that differ that are shown, and lines that differ. */
const LINE_CHARACTERS = 4_096;
const SHOWN_CHARACTERS = 12;
const LINES = 20_000;

/**
 * The first of the lines that differ and are shown alike, as a control character is like the signs that stand for it on
 * the other side: only the numbers of their characters tell them apart. Blanks and accents, too, where more lines differ:
 * of one alone the words that differ are shown by such numbers.
 */
export function* alikeLines(left: readonly string[], right: readonly string[]): Generator<Explanation> {
  if (left.length !== right.length) return;
  let seenAlike: readonly [string, string] | undefined;
  for (let index = 0, differing = 0; index < left.length && differing < LINES; index++) {
    const [old, now] = [left[index] as string, right[index] as string];
    if (old === now) continue;
    differing++;
    if (Math.max(old.length, now.length) <= LINE_CHARACTERS) {
      if (escapeText(old) === escapeText(now)) {
        yield told(old, now);
        return;
      }
      if (seen(old) === seen(now)) seenAlike ??= [old, now];
    }
    if (seenAlike === undefined || differing === 1) continue;
    yield told(...seenAlike);
    return;
  }
}

function told(old: string, now: string): Explanation {
  return { kind: 'fields', fields: [{ name: 'characters shown alike', ...numbersOf(old, now) }] };
}

/** A line as it is seen: blanks of all kinds are one, and a letter with its accent is, however it is written. */
function seen(line: string): string {
  return escapeText(line)
    .normalize('NFC')
    .replace(/\p{Zs}/gu, ' ');
}

/** Those between what both begin and what both end with. */
function numbersOf(old: string, now: string): { readonly left: string; readonly right: string } {
  const [left, right] = [[...old], [...now]];
  const least = Math.min(left.length, right.length);
  let begin = 0;
  while (begin < least && left[begin] === right[begin]) begin++;
  let end = 0;
  while (end < least - begin && left.at(-1 - end) === right.at(-1 - end)) end++;
  const numbers = (characters: readonly string[]): string => {
    const differing = characters.slice(begin, characters.length - end);
    const named = differing.slice(0, SHOWN_CHARACTERS).map(numberOf).join(' ');
    return differing.length > SHOWN_CHARACTERS ? `${named} …` : named;
  };
  return { left: numbers(left), right: numbers(right) };
}

function numberOf(character: string): string {
  return `U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
}
