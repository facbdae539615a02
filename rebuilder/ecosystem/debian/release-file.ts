import { type Paragraph, parseParagraphs } from '../../../formats/index.ts';
import { isReproofError, isSha256, ReproofError, type Sha256 } from '../../../model/index.ts';

/** What a Release file says of a suite. Times are ISO 8601 in UTC. */
export type Release = {
  readonly suite: string | undefined;
  readonly codename: string | undefined;
  readonly date: string;
  readonly validUntil: string | undefined;
  readonly architectures: readonly string[];
  readonly components: readonly string[];
  /** True when each listed file can be had under by-hash/SHA256/DIGEST in its folder. */
  readonly acquireByHash: boolean;
  /** True when the Packages of each machine architecture also list the files of architecture `all`. */
  readonly repeatsAll: boolean;
  /** By path under dists/SUITE/, such as main/binary-amd64/Packages.xz. */
  readonly files: ReadonlyMap<string, ReleaseEntry>;
};

export type ReleaseEntry = { readonly size: number; readonly sha256: Sha256 };

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DATE = /^[A-Z][a-z]{2}, +(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{1,2}):(\d{2}):(\d{2}) (?:UTC|GMT|Z|\+0000)$/;
const ENTRY = /^([0-9a-f]+)[ \t]+(\d{1,15})[ \t]+([!-~]+)$/;
const PATH_PART = /^[A-Za-z0-9+~_-][A-Za-z0-9.+~_-]*$/;
/** A suite or codename, which also becomes a part of an address. */
const SUITE_NAME = /^[a-z][a-z0-9]*([.+_-][a-z0-9]+)*$/;

/** True for what can be a suite's name under dists/. */
export function isSuiteName(text: string): boolean {
  return text.length <= 100 && SUITE_NAME.test(text);
}

/** A Release file's date, which is always of UTC, as ISO 8601; undefined when it is none. */
function readDate(text: string): string | undefined {
  const [, day, month, year, hours, minutes, seconds] = DATE.exec(text) ?? [];
  const monthIndex = MONTHS.indexOf(month ?? '');
  if (monthIndex === -1) return undefined;
  const time = new Date(
    Date.UTC(Number(year), monthIndex, Number(day), Number(hours), Number(minutes), Number(seconds)),
  );
  // A day or an hour that does not exist would have become another.
  const isAsWritten = time.getUTCDate() === Number(day) && time.getUTCHours() === Number(hours);
  return isAsWritten ? time.toISOString().replace('.000Z', 'Z') : undefined;
}

/**
 * Parses a Release file, whose signature was checked before. Only SHA-256 digests are read. `name` is what messages call
 * it. Throws RELEASE_MALFORMED. Source: https://wiki.debian.org/DebianRepository/Format.
 */
export function parseRelease(text: Uint8Array, name: string): Release {
  const malformed = (why: string, cause?: unknown): ReproofError =>
    new ReproofError('RELEASE_MALFORMED', `reading ${name}: ${why}`, { cause });
  const paragraph = onlyParagraph(text, malformed);

  const suiteName = (field: string): string | undefined => {
    const value = paragraph.get(field);
    if (value !== undefined && !isSuiteName(value)) throw malformed(`${field} is no suite's name`);
    return value;
  };
  const date = (field: string): string | undefined => {
    const value = paragraph.get(field);
    if (value === undefined) return undefined;
    const read = readDate(value);
    if (read === undefined) throw malformed(`${field} is not a date of UTC`);
    return read;
  };
  const words = (field: string): readonly string[] =>
    (paragraph.get(field) ?? '').split(' ').filter((word) => word !== '');

  const released = date('Date');
  if (released === undefined) throw malformed('it has no Date');
  return {
    suite: suiteName('Suite'),
    codename: suiteName('Codename'),
    date: released,
    validUntil: date('Valid-Until'),
    architectures: words('Architectures'),
    components: words('Components'),
    acquireByHash: paragraph.get('Acquire-By-Hash')?.toLowerCase() === 'yes',
    repeatsAll: words('No-Support-for-Architecture-all').includes('Packages'),
    files: readEntries(paragraph, malformed),
  };
}

function onlyParagraph(text: Uint8Array, malformed: (why: string, cause?: unknown) => ReproofError): Paragraph {
  try {
    const limits = { paragraphBytes: Math.max(text.byteLength, 1), fields: 100, paragraphs: 1 };
    const [paragraph] = parseParagraphs(text, limits);
    if (paragraph !== undefined) return paragraph;
  } catch (error) {
    if (!isReproofError(error, 'DEB822_SYNTAX', 'DEB822_LIMIT')) throw error;
    throw malformed(error.message, error);
  }
  throw malformed('it is empty');
}

function readEntries(
  paragraph: Paragraph,
  malformed: (why: string) => ReproofError,
): ReadonlyMap<string, ReleaseEntry> {
  const lines = paragraph.lines('SHA256');
  if (lines === undefined) throw malformed('it has no SHA256');
  const files = new Map<string, ReleaseEntry>();
  for (const [at, line] of lines.entries()) {
    const [, sha256 = '', size, path = ''] = ENTRY.exec(line) ?? [];
    if (!isSha256(sha256)) throw malformed(`entry ${at + 1} of SHA256 is not a digest, a size and a path`);
    if (!path.split('/').every((part) => PATH_PART.test(part))) {
      throw malformed(`entry ${at + 1} of SHA256 has a path that is not plain and relative`);
    }
    const entry = { size: Number(size), sha256 };
    const before = files.get(path);
    if (before !== undefined && (before.size !== entry.size || before.sha256 !== sha256)) {
      throw malformed(`${path} is listed twice, with two contents`);
    }
    files.set(path, entry);
  }
  return files;
}
