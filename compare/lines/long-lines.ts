/** Characters of a line that are shown as they are; a longer one is shown around where it differs. */
export const LINE_CHARACTERS = 2_000;
/** Equal characters shown on either side of where a long line differs. */
const AROUND = 60;

export type ShownLines = {
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly shortened: boolean;
};

/** Replaced lines for display: very long ones shortened to the stretch that differs from the line opposite. */
export function shownLines(left: readonly string[], right: readonly string[]): ShownLines {
  const isLong = (line: string): boolean => line.length > LINE_CHARACTERS;
  if (!left.some(isLong) && !right.some(isLong)) return { left, right, shortened: false };
  return {
    left: left.map((line, index) => shownLine(line, right[index])),
    right: right.map((line, index) => shownLine(line, left[index])),
    shortened: true,
  };
}

/** The stretch of a long line that differs from its counterpart, with what is left out counted at either end. */
export function shownLine(line: string, counterpart: string | undefined): string {
  if (line.length <= LINE_CHARACTERS) return line;
  const { start, end } = counterpart === undefined ? { start: 0, end: 0 } : commonEnds(line, counterpart);
  const from = Math.max(0, start - AROUND);
  const to = Math.min(line.length - Math.max(0, end - AROUND), from + LINE_CHARACTERS);
  const cut = (count: number): string => (count === 0 ? '' : `… (${count} characters) …`);
  return `${cut(from)}${line.slice(from, to)}${cut(line.length - to)}`;
}

/** Characters that both begin with, and those that both end with, which do not overlap. */
export function commonEnds(one: string, other: string): { readonly start: number; readonly end: number } {
  const shared = Math.min(one.length, other.length);
  let start = 0;
  while (start < shared && one.charCodeAt(start) === other.charCodeAt(start)) start++;
  let end = 0;
  while (end < shared - start && one.charCodeAt(one.length - 1 - end) === other.charCodeAt(other.length - 1 - end))
    end++;
  return { start, end };
}
