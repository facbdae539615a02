const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\\.?';
const WEEKDAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? {1,2}';
const CLOCK = '\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?)?(?: ?[AP]M)?';
const ZONE = "(?: ?(?:Z|UTC|GMT|CES?T|[PMCE][SD]T|[+-]\\d{2}(?:[:']?\\d{2}'?)?))?";

/** Dates as programs write them, for a regular expression: bounded, without groups that are kept. */
export const DATE_PATTERN = [
  `\\d{4}[-/.:]\\d{2}[-/.:]\\d{2}(?:[T ,_]{1,2}${CLOCK}${ZONE})?`,
  // Days of one figure would be versions.
  `(?:\\d{1,2}/\\d{1,2}/|\\d{2}\\.\\d{2}\\.)(?:19|20)\\d{2}(?:[ ,]{1,2}${CLOCK}${ZONE})?`,
  `(?:${WEEKDAY})?\\d{1,2}[ -]${MONTH}[ -,]{1,2}\\d{4}(?:,? ${CLOCK}${ZONE})?`,
  `(?:${WEEKDAY})?${MONTH} {1,2}\\d{1,2},?(?: ${CLOCK}${ZONE})? \\d{4}(?:,? ${CLOCK}${ZONE})?`,
  `${MONTH},? \\d{4}`,
  `D:\\d{8,14}(?:Z|[+-]\\d{2}'?(?:\\d{2}'?)?)?`,
  `\\d{8}T\\d{4,6}Z?`,
  CLOCK,
].join('|');

/** Digits that are a date only alone: (milli)seconds since 1970 from 2001 to 2033, or a day with or without a time. */
export const DIGITS_PATTERN = '1\\d{9}(?:\\d{3}|\\.\\d{1,9})?|(?:19|20)\\d{6}(?:\\d{4}|\\d{6})?';

/** What a date says, as far as it goes: seconds since 1970, with their fraction, a zone taken into account. */
export type Moment = { readonly seconds: number; readonly hasClock: boolean; readonly hasDay: boolean };

/** From one moment to another in seconds, as exactly as two numbers of so many figures give it. */
export function secondsBetween(left: Moment, right: Moment): number {
  return Math.round((right.seconds - left.seconds) * 1e6) / 1e6;
}

/** True of two days with slashes that are not the same: of either, the month may stand first or second. */
export function areAmbiguousDays(left: string, right: string): boolean {
  const [old, now] = [left, right].map((text) => /^\d{1,2}\/\d{1,2}\/\d{4}/.exec(text)?.[0]);
  return old !== undefined && now !== undefined && old !== now;
}

/** Its zone, by name or hours; undefined where it has none, or that of Greenwich. */
export function zoneOf(text: string): string | undefined {
  const zone = writtenZone(text);
  return zone === undefined || /^(?:Z|UTC|GMT|[+-][0:']+)$/.test(zone) ? undefined : zone;
}

/** True where both name their zone, and it is the same or is known: they are as far apart as they read. */
export function haveKnownZones(left: string, right: string): boolean {
  const [old, now] = [writtenZone(left), writtenZone(right)];
  if (old === undefined || now === undefined) return false;
  return old === now || [old, now].every((zone) => /^(?:Z|UTC|GMT|[+-].*)$/.test(zone));
}

function writtenZone(text: string): string | undefined {
  return /(?:Z|UTC|GMT|CES?T|[PMCE][SD]T|(?<=\d ?)[+-]\d{2}(?:[:']?\d{2}'?)?)(?= \d{4}$|$)/.exec(text)?.[0];
}

/** Of figures that are seconds or milliseconds since 1970; undefined of others. */
export function secondsOf(text: string): number | undefined {
  if (/^1\d{9}(?:\.\d{1,9})?$/.test(text)) return Number(text);
  return /^1\d{12}$/.test(text) ? Number(text) / 1_000 : undefined;
}

/** Reads a date that one of the patterns matched; undefined when it is none: a 13th month, a 25th hour. */
export function readDate(text: string): Moment | undefined {
  const seconds = secondsOf(text);
  if (seconds !== undefined) return { seconds, hasClock: true, hasDay: true };
  const clock = readClock(text);
  if (clock === undefined) return undefined;
  const day = readDay(text);
  if (day === 'none') return /:/.test(text) ? { seconds: clock, hasClock: true, hasDay: false } : undefined;
  if (day === undefined) return undefined;
  return { seconds: day + clock, hasClock: /\d:\d|\d{10}|T\d{4}/.test(text), hasDay: true };
}

/** Seconds since 1970 of the day; `none` where only a time is given, undefined where it does not exist. */
function readDay(text: string): number | undefined | 'none' {
  const digits = /^(?:D:)?(\d{4})(\d{2})(\d{2})/.exec(text) ?? /^(\d{4})[-/.:](\d{2})[-/.:](\d{2})/.exec(text);
  if (digits !== null) return dayOf(Number(digits[1]), Number(digits[2]), Number(digits[3]));
  const figures = /^(\d{1,2})([/.])(\d{1,2})\2(\d{4})/.exec(text);
  if (figures !== null) {
    const [one, other, year] = [Number(figures[1]), Number(figures[3]), Number(figures[4])];
    // In the United States the month stands first; of a month that does not exist, elsewhere.
    return (figures[2] === '/' ? dayOf(year, one, other) : undefined) ?? dayOf(year, other, one);
  }
  const month = /[A-Za-z]{3,9}/g;
  const found = (text.match(month) ?? [])
    .map((word) => MONTHS.indexOf(word.slice(0, 3).toLowerCase()))
    .find((at) => at >= 0);
  if (found === undefined) return 'none';
  const year = /(?<!\d)\d{4}(?![\d:])(?!.*(?<![\d+-])\d{4}(?![\d:]))/.exec(text)?.[0];
  const day = /(?<![\d:])\d{1,2}(?![\d:])/.exec(text)?.[0];
  return year === undefined ? undefined : dayOf(Number(year), found + 1, Number(day ?? 1));
}

function dayOf(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1900 || year > 2199) return undefined;
  return Date.UTC(year, month - 1, day) / 1_000;
}

/** Seconds of the day less the zone's; 0 where no time is given, undefined for a time that does not exist. */
function readClock(text: string): number | undefined {
  const packed = /^(?:D:)?\d{8}T?(\d{2})(\d{2})(\d{2})?/.exec(text);
  const colons = /(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d{1,9})?))?(?![\d:])/.exec(
    text.replace(/^\d{4}:\d{2}:\d{2}/, ''),
  );
  const found = packed ?? colons;
  if (found === null) return 0;
  const [written, minute, second] = [Number(found[1]), Number(found[2]), Number((found[3] ?? '0').replace(',', '.'))];
  if (written > 24 || minute > 59 || second >= 61) return undefined;
  const half = /[AP]M/.exec(text)?.[0];
  const hour = half === undefined || written > 12 ? written : (written % 12) + (half === 'PM' ? 12 : 0);
  const zone = /(?<=\d ?)([+-])(\d{2})[:']?(\d{2})?'?(?= \d{4}$|$)/.exec(/\d:\d|^D:/.test(text) ? text : '');
  const shift = zone === null ? 0 : (Number(zone[2]) * 60 + Number(zone[3] ?? 0)) * (zone[1] === '-' ? -60 : 60);
  return hour * 3_600 + minute * 60 + second - shift;
}
