import type { FieldChange } from '../../../model/index.ts';
import type { Explanation } from '../../types.ts';

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\\.?';
const DAY = '(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\\.?,? )';
const ZONE = '(?: ?(?:Z|UTC|GMT|[A-Z]{3,5}|[+-]\\d\\d:?\\d\\d))?';
const TIME = '\\d{1,2}:\\d\\d(?::\\d\\d(?:[.,]\\d{1,9})?)?(?: ?[AP]M)?';
/** Ways to write a moment or a day that programs use: ISO 8601, RFC 5322, ctime(3), PDF, EXIF, and in words. */
const DATE = new RegExp(
  `^"?(?:${[
    `\\d{4}[-/.:]\\d\\d[-/.:]\\d\\d(?:[T ,]+${TIME}${ZONE})?`,
    `\\d{8}(?:T?\\d{4,6}${ZONE})?`,
    `D:\\d{4,14}(?:Z|[+-]\\d\\d'?(?:\\d\\d'?)?)?(?:00'00'?)?`,
    `${DAY}?\\d{1,2}[ -]${MONTH}[ -]\\d{4}(?: ${TIME}${ZONE})?`,
    `${DAY}?${MONTH} +\\d{1,2}(?:, \\d{4}(?:,? ${TIME}${ZONE})?| ${TIME}${ZONE} \\d{4})`,
    `${MONTH},? \\d{4}`,
    `\\d{1,2}/\\d{1,2}/\\d{4}`,
    '1[0-9]{9}(?:[0-9]{3})?',
  ].join('|')})"?$`,
);

/** True for text that is a date, with or without a time, and nothing else. Seconds since 1970 count: ten digits. */
export function isDate(text: string): boolean {
  return text.length <= 64 && DATE.test(text);
}

/** A reason for each field, at most three, whose values on both sides are dates. `what` names the kind of field. */
export function* timestampReasons(fields: readonly FieldChange[], what: string): Generator<Explanation> {
  const dated = fields.filter(
    ({ left, right }) => left !== undefined && right !== undefined && left !== right && isDate(left) && isDate(right),
  );
  for (const { name, left, right } of dated.slice(0, 3)) {
    yield {
      kind: 'reason',
      reason: {
        kind: 'timestamp',
        evidence: `${what} ${name} is a date`,
        ...(left === undefined ? {} : { left }),
        ...(right === undefined ? {} : { right }),
      },
    };
  }
}
