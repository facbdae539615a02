import type { LineEdit, LinePair } from '../lines/line-edits.ts';
import { commonEnds } from '../lines/long-lines.ts';
import { DATE_PATTERN, DIGITS_PATTERN } from './dates.ts';

export type TokenKind = 'uuid' | 'date' | 'year' | 'address' | 'path' | 'hex' | 'version';

/** Two tokens in the same place of two lines that differ; `line` is the left one or the right one, whichever is smaller. */
export type TokenPair = {
  readonly kind: TokenKind;
  readonly left: string;
  readonly right: string;
  readonly line: string;
  /** Which of the pairs of lines that were looked at. */
  readonly at: number;
};

/** Lines of either side that are looked at, and characters of each. */
const LINES = 20_000;
const CHARACTERS = 4_096;
/** Equal characters before and after what differs in a longer line. */
const AROUND = 256;

/** In this order, so that a uuid is no hex and a date no version. Every repetition is bounded or of one class. */
const KINDS: readonly (readonly [TokenKind, string])[] = [
  ['uuid', '(?<![0-9a-fA-F])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-fA-F])'],
  // A colon stands between figures, or after the name of a member in JSON.
  ['date', `(?<![\\w.]|[^"']:)(?:${DATE_PATTERN}|${DIGITS_PATTERN})(?![\\w]|[.:]\\d)`],
  // What it begins with is asked first, as looking back costs more.
  [
    'year',
    '(?<![\\w.:])(?=(?:19|20)\\d{2}(?!\\w|\\.\\d))(?<=(?:©|&copy;|\\([cC]\\)|[cC]opyright|COPYRIGHT)[^\\n]{0,40})\\d{4}',
  ],
  ['address', '(?<![0-9a-zA-Z])0x[0-9a-f]{6,16}(?![0-9a-zA-Z])'],
  // An option of a compiler or a linker may stand right before it. "/@/" joins a source and a unit of code in Rust.
  ['path', '/(?<=(?:(?<![\\w.+~/-]|/@)(?:-[BFILR])?|file://)/)[\\w.+~@%-]{1,255}(?:/[\\w.+~@%-]{1,255}){1,64}'],
  ['hex', '(?<![0-9a-zA-Z])[0-9a-fA-F]{8,128}(?![0-9a-zA-Z])'],
  ['version', '(?<![\\w.])v?\\d{1,9}(?:\\.\\d{1,9}){1,6}(?:[+~-][0-9a-zA-Z.+~-]{1,60})?'],
];
const TOKEN = new RegExp(KINDS.map(([kind, pattern]) => `(?<${kind}>${pattern})`).join('|'), 'g');

/** The tokens of lines that differ in tokens alone. Lines are opposite each other where as many are removed as added. */
export function tokenPairs(
  pair: LinePair,
  edits: readonly LineEdit[],
): { tokens: readonly TokenPair[]; lines: number; whole: boolean } {
  const tokens: TokenPair[] = [];
  let [lines, looked] = [0, 0];
  let whole = true;
  for (const edit of edits) {
    const [gone, added] = [edit.leftTo - edit.leftFrom, edit.rightTo - edit.rightFrom];
    lines += Math.max(gone, added);
    if (gone !== added) continue;
    whole &&= looked + gone <= LINES;
    for (let index = 0; index < gone && looked < LINES; index++) {
      const [one, other] = [pair.left[edit.leftFrom + index] as string, pair.right[edit.rightFrom + index] as string];
      looked++;
      const [old, now] = stretches(one, other);
      if (old.length > CHARACTERS || now.length > CHARACTERS) continue;
      for (const token of differingTokens(old, now)) tokens.push({ ...token, at: looked });
    }
  }
  return { tokens, lines, whole };
}

/** Two lines; of longer ones what differs, with some of what stands around it, which tokens begin or end in. */
function stretches(left: string, right: string): readonly [string, string] {
  if (left.length <= CHARACTERS && right.length <= CHARACTERS) return [left, right];
  const { start, end } = commonEnds(left, right);
  const cut = (line: string): string =>
    line.slice(Math.max(0, start - AROUND), line.length - Math.max(0, end - AROUND));
  return [cut(left), cut(right)];
}

function differingTokens(left: string, right: string): readonly Omit<TokenPair, 'at'>[] {
  if (left === right) return [];
  const [old, now] = [scan(left), scan(right)];
  if (old.mask !== now.mask) return [];
  const line = left < right ? left : right;
  const differs = (index: number): boolean => old.tokens[index]?.text !== now.tokens[index]?.text;
  const releases = releasesOf(old.mask);
  return old.tokens.flatMap(({ kind, text }, index) => {
    const release = releases.get(index);
    if (!differs(index) || (release !== undefined && differs(release))) return [];
    return [{ kind, left: text, right: now.tokens[index]?.text as string, line }];
  });
}

/** Days and digits in brackets behind a version, as rustc and Python name a release: these are its own, by number. */
function releasesOf(mask: string): ReadonlyMap<number, number> {
  const releases = new Map<number, number>();
  // What stands before a token, and its kind, by turns.
  const parts = mask.split('\n');
  let [version, release]: (number | undefined)[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [before, kind] = [parts[at] as string, parts[at + 1] as string];
    if (version !== undefined && /^ ?\([^()]*$/.test(before)) release = version;
    else if (/[()]/.test(before)) release = undefined;
    version = kind === 'version' ? at / 2 : undefined;
    if (release !== undefined && (kind === 'date' || kind === 'hex')) releases.set(at / 2, release);
  }
  return releases;
}

type Scanned = {
  readonly mask: string;
  readonly tokens: readonly { readonly kind: TokenKind; readonly text: string }[];
};

function scan(line: string): Scanned {
  const tokens: { kind: TokenKind; text: string }[] = [];
  const mask = line.replace(TOKEN, (text, ...rest) => {
    const groups = rest.at(-1) as Readonly<Record<TokenKind, string | undefined>>;
    const [kind] = KINDS.find(([name]) => groups[name] !== undefined) as (typeof KINDS)[number];
    tokens.push({ kind, text });
    return `\n${kind}\n`;
  });
  return { mask, tokens };
}
