import type { Reason } from '../../../model/index.ts';
import { escapeName, shorten } from '../../escape.ts';
import type { Explanation } from '../../types.ts';

/** Strings told, in number per side; more are counted. */
const TOLD = 1_000;
const CHARACTERS = 400;

/** The strings that only one side has, each as often as it has more of it, in the order they stand. */
export function* explainStrings(left: readonly string[], right: readonly string[]): Generator<Explanation> {
  const [old, now] = [stringsWithout(left, right), stringsWithout(right, left)];
  if (old.length + now.length === 0) return;
  const lines = (strings: readonly string[]): string[] =>
    strings.slice(0, TOLD).map((text) => shorten(escapeName(text), CHARACTERS));
  yield { kind: 'lines', left: lines(old), right: lines(now) };
  const more = Math.max(0, old.length - TOLD) + Math.max(0, now.length - TOLD);
  if (more > 0) yield { kind: 'note', text: `${more} more strings differ` };
  const reason = reasonOf(old, now);
  if (reason !== undefined) yield { kind: 'reason', reason };
}

/** The strings without as many of each as the others hold, in the order they stand. */
export function stringsWithout(strings: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of others) counts.set(text, (counts.get(text) ?? 0) + 1);
  return strings.filter((text) => {
    const left = counts.get(text) ?? 0;
    if (left > 0) counts.set(text, left - 1);
    return left === 0;
  });
}

const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
/** What __DATE__, __TIME__, date(1) and ISO 8601 give. */
const DATES = new RegExp(
  `(?:${MONTHS}) [ 0-3]?\\d(?:,? \\d{4})?|\\d{4}-\\d\\d-\\d\\d(?:[T ]\\d\\d:\\d\\d(?::\\d\\d)?(?:Z|[+-]\\d\\d:?\\d\\d)?)?|\\d\\d:\\d\\d:\\d\\d`,
  'g',
);

function reasonOf(old: readonly string[], now: readonly string[]): Reason | undefined {
  if (old.length === 0 || old.length !== now.length) return undefined;
  const samples = { left: sample(old), right: sample(now) };
  const undated = (text: string): string =>
    text.replace(DATES, 'D').replace(/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b/g, 'W');
  if (old.every((text, index) => undated(text) === undated(now[index] as string)))
    return { kind: 'timestamp', evidence: 'the strings differ only in dates and times', ...samples };
  const stem = (text: string): string => text.slice(text.lastIndexOf('/') + 1);
  const isPath = (text: string): boolean => text.includes('/');
  if ([...old, ...now].every(isPath) && old.every((text, index) => stem(text) === stem(now[index] as string)))
    return { kind: 'path', evidence: 'the strings differ only in folders', ...samples };
  return undefined;
}

function sample(strings: readonly string[]): string {
  return shorten(escapeName(strings[0] as string), 120);
}
