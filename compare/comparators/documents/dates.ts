import type { FieldChange } from '../../../model/index.ts';
import { areOtherFigures } from '../../causes/other-counts.ts';
import type { Explanation } from '../../types.ts';

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\\.?';
const DAY = '(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\\.?,? )';
const ZONE = '(?: ?(?:Z|UTC|GMT|[A-Z]{3,5}|[+-]\\d\\d:?\\d\\d))?';
/** Figures that can be a day: as many in a row may be any number. */
const YEAR = '(?:19|2[01])\\d\\d';
const [MONTH_NUMBER, DAY_NUMBER] = ['(?:0[1-9]|1[0-2])', '(?:0[1-9]|[12]\\d|3[01])'];
/** That of a clock that was never set, in Exif and others. */
const NO_DAY = '0000[-/:]00[-/:]00';
const TIME = '\\d{1,2}:\\d\\d(?::\\d\\d(?:[.,]\\d{1,9})?)?(?: ?[AP]M)?';
/** Ways to write a moment or a day that programs use: ISO 8601, RFC 5322, ctime(3), PDF, EXIF, and in words. */
const IN_TEXT = [
  `(?:${YEAR}[-/.:]${MONTH_NUMBER}[-/.:]${DAY_NUMBER}|${NO_DAY})(?:[T ,]{1,3}${TIME}${ZONE})?`,
  // As cairo writes it, without what stands before it (ISO 32000-1, 7.9.4).
  `${YEAR}${MONTH_NUMBER}${DAY_NUMBER}\\d{6}[+-]\\d\\d'(?:\\d\\d'?)?`,
  `D:\\d{4,14}(?:Z|[+-]\\d\\d'?(?:\\d\\d'?)?)?(?:00'00'?)?`,
  `${DAY}?\\d{1,2}[ -]${MONTH}[ -]\\d{4}(?: ${TIME}${ZONE})?`,
  `${DAY}?${MONTH} {1,2}\\d{1,2}(?:, \\d{4}(?:,? ${TIME}${ZONE})?| ${TIME}${ZONE} \\d{4})`,
  `${MONTH},? \\d{4}`,
  `(?:\\d{1,2}/\\d{1,2}/\\d{4}|${DAY_NUMBER}\\.${MONTH_NUMBER}\\.${YEAR})(?:,? ${TIME})?`,
  `${YEAR}${MONTH_NUMBER}${DAY_NUMBER}T\\d{4,6}Z?`,
];
/** Digits are a date only where nothing stands beside them: a day, a minute or second, seconds since 1970. */
const ALONE = [
  `${YEAR}${MONTH_NUMBER}${DAY_NUMBER}(?:(?:[01]\\d|2[0-3])[0-5]\\d(?:[0-5]\\d)?)?`,
  '1[0-9]{9}(?:[0-9]{3})?',
];
const DATE = new RegExp(`^"?(?:${[...IN_TEXT, ...ALONE].join('|')})"?$`);
const DATES = new RegExp(`(?<![\\w.])(?:${IN_TEXT.join('|')})(?!\\w)`, 'g');
const LONGEST = 4096;

/** True for two texts that differ in nothing but dates: each is one, or they are equal but for those inside. */
export function onlyDatesDiffer(left: string, right: string): boolean {
  if (left === right || left.length > LONGEST || right.length > LONGEST) return false;
  if (DATE.test(left) && DATE.test(right)) return true;
  return left.replace(DATES, '\0') === right.replace(DATES, '\0');
}

/** The same of a value by its name: figures that are called a size or an id are no date. */
export function differsInDate(name: string, left: string, right: string): boolean {
  return onlyDatesDiffer(left, right) && !areOtherFigures(left, right, name);
}

/** A timestamp reason for each field, at most three, whose values differ in dates alone. `what` names such a field. */
export function* dateReasons(fields: readonly FieldChange[], what: string): Generator<Explanation> {
  let told = 0;
  for (const { name, left, right } of fields) {
    if (left === undefined || right === undefined || !differsInDate(name, left, right)) continue;
    yield { kind: 'reason', reason: { kind: 'timestamp', evidence: `${what} ${name} differs in a date`, left, right } };
    if (++told === 3) return;
  }
}
