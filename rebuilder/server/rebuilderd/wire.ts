import type { Status } from '../../store/page.ts';

/**
 * A time as rebuilderd's clients read it: UTC without a zone, T between, up to nine digits of a second. They refuse any
 * other, and with it the whole answer.
 */
export function naiveTime(time: string): string {
  // As the store writes times; making each of a long list anew costs more than reading it.
  if (time.length === 24 && time.endsWith('Z')) return `${time.slice(0, 23)}000`;
  return new Date(time).toISOString().replace(/(\.\d{3})Z$/, '$1000');
}

/** Such a time, or null. */
export function naiveTimeOrNull(time: string | undefined): string | null {
  return time === undefined ? null : naiveTime(time);
}

/** A time that a worker sent, as ISO 8601; undefined where it is none, or not of this machine's past. */
export function readNaiveTime(text: string, now: Date): string | undefined {
  const plain = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?$/.exec(text);
  if (plain === null) return undefined;
  const time = new Date(`${plain[1]}.${(plain[2] ?? '').slice(0, 3).padEnd(3, '0')}Z`);
  return Number.isNaN(time.getTime()) || time > now ? undefined : time.toISOString();
}

/**
 * The status of one file: GOOD, BAD, UNKWN, or null. FAIL is no status of a file there, and clients refuse an answer with
 * it: it is null, beside the build's id.
 */
export function fileStatus(status: Status | undefined): Exclude<Status, 'FAIL'> | null {
  return status === undefined || status === 'FAIL' ? null : status;
}

/** The status of one file in version 0, which always has one. */
export function oldFileStatus(status: Status | undefined): Exclude<Status, 'FAIL'> {
  return fileStatus(status) ?? 'UNKWN';
}

/** A status that is asked for in version 0: UNKWN is all that is neither GOOD nor BAD. */
export function askedStatus(status: string): readonly (Status | 'none')[] | undefined {
  if (status === 'GOOD' || status === 'BAD') return [status];
  return status === 'UNKWN' ? ['UNKWN', 'FAIL', 'none'] : undefined;
}
