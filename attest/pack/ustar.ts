import { ReproofError } from '../../model/index.ts';

/**
 * The part of POSIX's tar (ustar, IEEE Std 1003.1 pax(1)) that packs use: regular files, mode 0644, owner 0, time 0.
 * There is one header for a name and a size, so that a reader need believe no field: it makes the header anew and
 * compares.
 */
export const BLOCK = 512;
/** What a name may be: lower-case words, at most one folder. Nothing that leads anywhere. */
const NAME = /^(?:[a-z]{1,12}\/)?[a-z0-9][a-z0-9.-]{0,86}$/;
/** 11 octal digits. */
const MOST_BYTES = 8 ** 11 - 1;

const SIZE_AT = 124;
const CHECKSUM_AT = 148;

/** True for a name that a member of a pack may have. */
export function isMemberName(name: string): boolean {
  return NAME.test(name);
}

/** The header of a member. Throws INTERNAL for a name or a size that no member has. */
export function memberHeader(name: string, size: number): Uint8Array {
  if (!isMemberName(name) || !Number.isInteger(size) || size < 0 || size > MOST_BYTES)
    throw new ReproofError('INTERNAL', `writing a pack: ${JSON.stringify(name)} of ${size} bytes cannot be in one`);
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 'latin1');
  header.write('0000644\x000000000\x000000000\x00', 100, 'latin1');
  header.write(`${size.toString(8).padStart(11, '0')}\x00`, SIZE_AT, 'latin1');
  header.write('00000000000\x00', 136, 'latin1');
  // The checksum is of the header with blanks in its place.
  header.write('        0', CHECKSUM_AT, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.write('0000000\x000000000\x00', 329, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\x00 `, CHECKSUM_AT, 'latin1');
  return header;
}

/** How many bytes follow a member's to its block's end. */
export function paddingAfter(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** Two blocks of zeros end an archive; tar(1) fills up to 20 blocks, which nothing asks for. */
export const ARCHIVE_END: Uint8Array = new Uint8Array(2 * BLOCK);

export type MemberHead = { readonly name: string; readonly size: number };

/** Reads the header of a member, or 'end' for the first block of the archive's end. Throws EVIDENCE_MALFORMED. */
export function readMemberHeader(block: Uint8Array, at: number): MemberHead | 'end' {
  if (block.every((byte) => byte === 0)) return 'end';
  const header = Buffer.from(block);
  const name = header.toString('latin1', 0, 100).replace(/\0+$/, '');
  const digits = header.toString('latin1', SIZE_AT, SIZE_AT + 11);
  const size = /^[0-7]{11}$/.test(digits) ? Number.parseInt(digits, 8) : -1;
  if (!isMemberName(name) || size < 0 || !header.equals(memberHeader(name, size)))
    throw new ReproofError('EVIDENCE_MALFORMED', `reading a pack: what is at byte ${at} is no header of a member`);
  return { name, size };
}
