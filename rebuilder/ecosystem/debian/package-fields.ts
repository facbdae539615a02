import { isAscii, isUtf8 } from 'node:buffer';

/** The fields that a list of published files is made of, by their place in a `FieldValues`. */
export const FIELDS = [
  'Package',
  'Source',
  'Version',
  'Maintainer',
  'Architecture',
  'Filename',
  'Size',
  'SHA256',
] as const;

/** Values of FIELDS in one paragraph, without blanks around them; undefined where it has no such field. */
export type FieldValues = readonly (string | undefined)[];

/** What is wrong with an index, and in which line of the block. */
export type Refuse = (why: string, line: number) => never;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
const LOWER = 0x20;
const WANTED = FIELDS.map((name) => Buffer.from(name.toLowerCase(), 'latin1'));
const LONGEST = Math.max(...WANTED.map((name) => name.length));

/**
 * The paragraphs of a block of whole lines, with the values of FIELDS alone: what is not wanted is stepped over and never
 * becomes a string. As strict as parseDeb822 in what two readers could read differently: bytes that are not UTF-8, NUL,
 * carriage returns, lines that are no field, more than `maxFields`; and a wanted field that stands twice, whatever case
 * its name is in, or goes over more than one line.
 */
export function* paragraphFields(block: Buffer, maxFields: number, refuse: Refuse): Generator<FieldValues> {
  if (!isUtf8(block)) refuse('not UTF-8', 0);
  if (block.includes(0)) refuse('a NUL byte', 0);
  if (block.includes(0x0d)) refuse('a carriage return', 0);
  const text = isAscii(block) ? 'latin1' : 'utf8';
  let values: (string | undefined)[] = [];
  let fields = 0;
  /** The wanted field that the line before belongs to; -1 for another one, -2 when there is none to go on with. */
  let open = -2;
  let line = 0;
  for (let at = 0; at < block.length; line++) {
    const newline = block.indexOf(NEWLINE, at);
    const end = newline === -1 ? block.length : newline;
    const first = block[at];
    if (at === end || first === SPACE || first === TAB) {
      if (isBlank(block, at, end)) {
        if (fields > 0) yield values;
        values = [];
        fields = 0;
        open = -2;
      } else if (open === -2) refuse('a continuation line without a field before it', line);
      else if (open >= 0) refuse(`${FIELDS[open]} goes over more than one line`, line);
    } else {
      const colon = nameEnd(block, at, end);
      if (colon === -1) refuse('neither a field, nor a continuation line, nor blank', line);
      fields += 1;
      if (fields > maxFields) refuse(`more than ${maxFields} fields`, line);
      open = colon - at > LONGEST ? -1 : wantedAt(block, at, colon);
      if (open >= 0) {
        if (values[open] !== undefined) refuse(`${FIELDS[open]} a second time`, line);
        values[open] = block.toString(text, ...trimmed(block, colon + 1, end));
      }
    }
    at = end + 1;
  }
  if (fields > 0) yield values;
}

function isBlank(block: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (block[at] !== SPACE && block[at] !== TAB) return false;
  return true;
}

/** Where the colon after a field's name is; -1 where the line does not begin with a name as deb822(5) has them. */
function nameEnd(block: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = block[at] as number;
    if (byte === COLON) return at === start ? -1 : at;
    if (byte <= SPACE || byte > 0x7e || (at === start && (byte === 0x23 || byte === 0x2d))) return -1;
  }
  return -1;
}

function wantedAt(block: Buffer, start: number, end: number): number {
  return WANTED.findIndex((name) => {
    if (name.length !== end - start) return false;
    // Names are of letters and digits, which that bit does not change but for the case of letters.
    for (let at = 0; at < name.length; at++) if (((block[start + at] as number) | LOWER) !== name[at]) return false;
    return true;
  });
}

function trimmed(block: Buffer, from: number, to: number): [number, number] {
  let [start, end] = [from, to];
  while (start < end && (block[start] === SPACE || block[start] === TAB)) start++;
  while (end > start && (block[end - 1] === SPACE || block[end - 1] === TAB)) end--;
  return [start, end];
}
