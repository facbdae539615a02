import { ReproofError } from '../../../model/index.ts';

/** The newest entry of a Debian changelog (deb-changelog(5)). */
export type ChangelogEntry = {
  readonly source: string;
  readonly version: string;
  /** True for a binNMU's own entry: binary-only=yes. */
  readonly binaryOnly: boolean;
  /** The trailer's date in whole seconds since 1970: what dpkg-buildpackage sets SOURCE_DATE_EPOCH to. */
  readonly epochSeconds: number;
};

const HEADING = /^(\w[-+0-9a-z.]*) \(([^()\s]+)\)((?:\s+[-+0-9a-z.]+)+);(.*)$/i;
const TRAILER = /^ -- .* ?<[^<>]*> {1,2}(\S.*)$/;
// RFC 5322 3.3, as deb-changelog(5) narrows it; the name of the day is not used.
const DATE =
  /^(?:[A-Z][a-z]{2},\s+)?(\d{1,2})\s+([A-Z][a-z]{2})\s+(\d{4})\s+(\d{1,2}):(\d{2}):(\d{2})\s+([+-])(\d{2})(\d{2})(?:\s+\(.*\))?\s*$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Whole seconds since 1970 of a changelog's date such as "Mon, 01 Jan 2024 10:00:00 +0200"; undefined for anything else. */
export function parseChangelogDate(text: string): number | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [, day, month = '', year, hours, minutes, seconds, sign, zoneHours, zoneMinutes] = match;
  const index = MONTHS.indexOf(month);
  const fields = [Number(year), index, Number(day), Number(hours), Number(minutes), Number(seconds)] as const;
  const utc = Date.UTC(...fields);
  const date = new Date(utc);
  // A day such as 31 February is carried over by Date.UTC: refuse it instead.
  if (index < 0 || date.getUTCDate() !== fields[2] || fields[3] > 23 || fields[4] > 59 || fields[5] > 60)
    return undefined;
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60;
  return utc / 1000 - (sign === '-' ? -offset : offset);
}

/**
 * Reads the newest entry from a changelog's beginning. `name` says whose changelog it is, for messages. Throws
 * DSC_INVALID when the first heading or its trailer cannot be read.
 */
export function newestEntry(text: string, name: string): ChangelogEntry {
  const refuse = (line: number, why: string): ReproofError =>
    new ReproofError('DSC_INVALID', `reading line ${line + 1} of the changelog of ${name}: ${why}`, {
      context: { name, line: line + 1 },
    });
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  const heading = HEADING.exec(lines[first] ?? '');
  if (heading === null) throw refuse(Math.max(first, 0), 'it is not the heading of an entry');
  for (let index = first + 1; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (HEADING.test(line)) throw refuse(index, 'a second entry begins before the first one ended');
    if (!line.startsWith(' -- ')) continue;
    const epochSeconds = parseChangelogDate(TRAILER.exec(line)?.[1] ?? '');
    if (epochSeconds === undefined) throw refuse(index, 'its date cannot be read');
    return {
      source: heading[1] ?? '',
      version: heading[2] ?? '',
      binaryOnly: /(?:^|,)\s*binary-only=yes\s*(?:,|$)/i.test(heading[4] ?? ''),
      epochSeconds,
    };
  }
  throw refuse(lines.length, 'the first entry has no trailer');
}

/**
 * The binNMU entries a published binary's own changelog (changelog.Debian.ARCH) begins with, verbatim to the last
 * blank line, since debhelper writes them as they stood; undefined when its newest entry is not binary-only for
 * `version`. Throws DSC_INVALID as newestEntry.
 */
export function binaryOnlyEntries(
  text: string,
  wanted: { readonly source: string; readonly version: string },
): string | undefined {
  const newest = newestEntry(text, `${wanted.source} ${wanted.version}`);
  if (!newest.binaryOnly || newest.version !== wanted.version || newest.source !== wanted.source) return undefined;
  const lines = text.split('\n');
  const next = lines.findIndex((line) => {
    const heading = HEADING.exec(line);
    return heading !== null && !/binary-only=yes/i.test(heading[4] ?? '');
  });
  return next < 0 ? text : lines.slice(0, next).join('\n').trimEnd().concat('\n');
}
