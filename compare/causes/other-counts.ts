import { secondsOf } from './dates.ts';
import type { TokenPair } from './tokens.ts';

const CLAUSE_CHARACTERS = 80;

/** What counts something else in as many figures. */
const COUNT_WORDS = /size|length|bytes|offset|seed|crc|checksum/i;

/** What has a number that may be any: a build is named by its time, too. */
const NUMBER_WORDS = /phone|\b(?:tel|fax|isbn|inode|pid|id|\w{1,40}_id)\b|[a-z]I[dD]\b/i;

/** What says that figures with a colon between them are a time of day, and no ratio, line or verse. */
const CLOCK_WORDS = /time|date|clock|creat|generat|built|\b(?:19|20)\d\d\b/i;
const DAY_WORDS = /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b/;

const EPOCH_WORDS = /time|date|clock|epoch|stamp|creat|generat|built|build|modified|since/i;
/** How long something took is no date, and no clock that is set changes it. */
const DURATION_WORDS = /elapsed|duration|\btook\b|runtime|run time|\btotal time|finished in/i;
/** Seconds that no word says to be some: since 2011, and of two builds that are no more than two years apart. */
const LEAST_SECONDS = 1.3e9;
const APART_SECONDS = 2 * 366 * 86_400;

/** True for figures that are a date only by their look, in a line that says they are something else, or nothing. */
export function isOtherCount(pair: TokenPair): boolean {
  const { left, right, line } = pair;
  const both = (pattern: RegExp): boolean => pattern.test(left) && pattern.test(right);
  if (both(/^[\d:.,]+$/) && both(/^\d{1,2}:/) && DURATION_WORDS.test(line)) return true;
  if (both(/^\d{1,2}:\d{2}$/)) return !CLOCK_WORDS.test(line) && !DAY_WORDS.test(line);
  return areOtherFigures(left, right, clauseOf(pair));
}

/** True for figures that are no date as `words` name them, or as far as they are from each other. */
export function areOtherFigures(left: string, right: string, words: string): boolean {
  const both = (pattern: RegExp): boolean => pattern.test(left) && pattern.test(right);
  if (!both(/^\d+(?:\.\d+)?$/)) return false;
  const [one, other] = [secondsOf(left), secondsOf(right)];
  if (one !== undefined && other !== undefined && !EPOCH_WORDS.test(words)) {
    const isUnlikely = Math.min(one, other) < LEAST_SECONDS || Math.abs(one - other) > APART_SECONDS;
    if (isUnlikely || NUMBER_WORDS.test(words)) return true;
  }
  return COUNT_WORDS.test(words);
}

/** What stands around a token up to the next comma or the like: another member of an object says nothing of it. */
function clauseOf({ left, right, line }: TokenPair): string {
  const at = Math.max(line.indexOf(left), line.indexOf(right));
  const before = /[^,;{}|]*$/.exec(line.slice(Math.max(0, at - CLAUSE_CHARACTERS), at))?.[0] ?? '';
  const after = /^[^,;{}|]*/.exec(line.slice(at, at + CLAUSE_CHARACTERS))?.[0] ?? '';
  return before + after;
}
