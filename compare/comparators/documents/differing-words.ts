import type { FieldChange } from '../../../model/index.ts';
import { escapeBoth, shorten } from '../../escape.ts';
import { lineEdits } from '../../lines/line-edits.ts';

/** Characters of a line that is looked at word by word, and of what is shown of it. */
const LINE_CHARACTERS = 20_000;
const SHOWN_CHARACTERS = 300;

/** The words that differ where one line alone does; undefined where more do, or nothing else stands in the line. */
export function differingWords(left: readonly string[], right: readonly string[]): FieldChange | undefined {
  if (left.length !== right.length) return undefined;
  const index = left.findIndex((line, at) => line !== right[at]);
  const last = left.findLastIndex((line, at) => line !== right[at]);
  if (index < 0 || index !== last) return undefined;
  const [old, now] = [left[index] as string, right[index] as string];
  if (old.length > LINE_CHARACTERS || now.length > LINE_CHARACTERS) return undefined;
  const words = { left: wordsOf(old), right: wordsOf(now), leftOpen: false, rightOpen: false };
  const edits = lineEdits(words);
  const told = (side: 'left' | 'right'): string =>
    edits
      .map((edit) => words[side].slice(edit[`${side}From`], edit[`${side}To`]).join(''))
      .filter((stretch) => stretch !== '')
      .join(' … ');
  const [one, other] = [told('left'), told('right')];
  if (one === old && other === now) return undefined;
  const [shown, otherShown] = escapeBoth(one, other).map((text) => shorten(text, SHOWN_CHARACTERS));
  return {
    name: 'words',
    ...(one === '' ? {} : { left: shown }),
    ...(other === '' ? {} : { right: otherShown }),
  };
}

/** Runs of letters and figures, of blanks, and every other character alone. */
function wordsOf(line: string): readonly string[] {
  return line.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
}
