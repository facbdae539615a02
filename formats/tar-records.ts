import { ReproofError } from '../model/index.ts';

/** A record of an extended header, its bytes as latin1; a value may hold any byte. */
export type TarRecord = { readonly key: string; readonly value: string };

/**
 * The records of a pax extended header, POSIX.1-2017 pax: "%d %s=%s\n", the length in bytes being that of all of it.
 * In order, repeated keys included. Throws ARCHIVE_MALFORMED, its context holding `offset`, that of the archive.
 */
export function readTarRecords(bytes: Buffer, offset: number): readonly TarRecord[] {
  const records: TarRecord[] = [];
  const text = bytes.toString('latin1');
  for (let at = 0; at < text.length; ) {
    const space = text.indexOf(' ', at);
    const digits = text.slice(at, space);
    const end = at + Number(digits);
    const equals = text.indexOf('=', space);
    const whole = space > at && /^[0-9]{1,10}$/.test(digits) && end <= text.length && text[end - 1] === '\n';
    if (!whole || equals <= space || equals >= end)
      throw new ReproofError('ARCHIVE_MALFORMED', `reading extended header of tar archive at byte ${offset + at}`, {
        context: { offset: offset + at },
      });
    // From the bytes: a slice of the text holds all of it in memory.
    const value = bytes.toString('latin1', equals + 1, end - 1);
    records.push({ key: bytes.toString('latin1', space + 1, equals), value });
    at = end;
  }
  return records;
}
