import { isAscii, isUtf8 } from 'node:buffer';
import { ReproofError } from '../model/index.ts';

/** Upper limits of one document, and what it is called in error messages. */
export type Deb822Limits = {
  /** Bytes of one paragraph, comments and line ends included. Also bounds the reader's memory. */
  readonly paragraphBytes: number;
  /** Fields of one paragraph. */
  readonly fields: number;
  readonly paragraphs?: number;
  /** Lines that begin with # are passed over: right for debian/control and apt's .sources, an error elsewhere. */
  readonly comments?: boolean;
  /** Such as "Packages of trixie/main". */
  readonly name?: string;
};

/** `raw` is everything between the colon and the last line's end, continuation lines with the blank they begin with. */
export type Field = { readonly name: string; readonly raw: string; readonly line: number };

/** One paragraph: fields in the order of the document, no name twice. Names are found in any case. */
export class Paragraph {
  /** Number of the line it begins at, from 1. */
  readonly line: number;
  readonly fields: readonly Field[];
  readonly #byName: ReadonlyMap<string, Field>;

  constructor(fields: ReadonlyMap<string, Field>) {
    this.fields = [...fields.values()];
    this.line = this.fields[0]?.line ?? 0;
    this.#byName = fields;
  }

  field(name: string): Field | undefined {
    return this.#byName.get(name) ?? this.#byName.get(name.toLowerCase());
  }

  has(name: string): boolean {
    return this.field(name) !== undefined;
  }

  /** The value on one line: folds become one space, blanks at both ends go. */
  get(name: string): string | undefined {
    const raw = this.field(name)?.raw;
    if (raw === undefined) return undefined;
    if (!raw.includes('\n')) return trim(raw);
    return trim(raw.split('\n').map(trim).join(' '));
  }

  /**
   * The value line by line: the first without blanks around it (left out when empty, as in Files), the others without
   * the one blank they begin with and without blanks at their end; a line of " ." is an empty one.
   */
  lines(name: string): readonly string[] | undefined {
    const raw = this.field(name)?.raw;
    if (raw === undefined) return undefined;
    const [first = '', ...rest] = raw.split('\n');
    const others = rest.map((line) => trimEnd(line.slice(1))).map((line) => (line === '.' ? '' : line));
    return trim(first) === '' ? others : [trim(first), ...others];
  }
}

const WINDOW_BYTES = 64 * 1024;
const BLANK_LINE = /^[ \t]*$/;
// Printable ASCII without space and colon, not beginning with # or - (deb822(5)).
const FIELD_NAME = /^[!-"$-,.-9;-~][!-9;-~]*$/;

/** A document taken in pieces: whole lines are read at once, the rest of the last line waits for the next piece. */
class Deb822Reader {
  readonly #limits: Deb822Limits;
  #rest = Buffer.allocUnsafe(4096);
  #restLength = 0;
  #line = 0;
  #paragraphs = 0;
  #bytes = 0;
  /** By lower-case name. */
  #fields = new Map<string, Field>();
  #open: { key: string; name: string; raw: string; line: number } | undefined;

  constructor(limits: Deb822Limits) {
    this.#limits = limits;
  }

  *push(chunk: Uint8Array): Generator<Paragraph> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let start = 0; start < bytes.length; start += WINDOW_BYTES)
      yield* this.#window(bytes.subarray(start, start + WINDOW_BYTES));
  }

  *end(): Generator<Paragraph> {
    if (this.#restLength > 0) yield* this.#lines(this.#rest.subarray(0, this.#restLength));
    yield* this.#endParagraph();
  }

  *#window(bytes: Buffer): Generator<Paragraph> {
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end === 0) return this.#wait(bytes);
    if (this.#restLength === 0) {
      yield* this.#lines(bytes.subarray(0, end));
    } else {
      const whole = Buffer.concat([this.#rest.subarray(0, this.#restLength), bytes.subarray(0, end)]);
      this.#restLength = 0;
      yield* this.#lines(whole);
    }
    this.#wait(bytes.subarray(end));
  }

  #wait(bytes: Buffer): void {
    const length = this.#restLength + bytes.length;
    if (this.#bytes + length > this.#limits.paragraphBytes) throw this.#limit('paragraphBytes', this.#line + 1);
    if (length > this.#rest.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#rest.length * 2));
      this.#rest.copy(larger, 0, 0, this.#restLength);
      this.#rest = larger;
    }
    bytes.copy(this.#rest, this.#restLength);
    this.#restLength = length;
  }

  *#lines(bytes: Buffer): Generator<Paragraph> {
    const ascii = isAscii(bytes);
    const text = bytes.toString(ascii ? 'latin1' : 'utf8');
    const bad = this.#badLine(bytes, text, ascii);
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf('\n', start);
      const end = newline === -1 ? text.length : newline;
      const line = text.slice(start, end);
      start = end + 1;
      this.#line += 1;
      if (this.#line === bad?.line) throw this.#syntax(bad.why);
      if (line === '' || BLANK_LINE.test(line)) {
        yield* this.#endParagraph();
        continue;
      }
      this.#bytes += (ascii ? line.length : Buffer.byteLength(line)) + (newline === -1 ? 0 : 1);
      if (this.#bytes > this.#limits.paragraphBytes) throw this.#limit('paragraphBytes', this.#line);
      this.#take(line);
    }
  }

  #take(line: string): void {
    const first = line.charCodeAt(0);
    if (first === 0x20 || first === 0x09) {
      if (this.#open === undefined) throw this.#syntax('a continuation line without a field before it');
      this.#open.raw += `\n${line}`;
      return;
    }
    if (first === 0x23) {
      if (this.#limits.comments) return;
      throw this.#syntax('a comment, which this kind of document may not have');
    }
    this.#endField();
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    if (!FIELD_NAME.test(name)) throw this.#syntax('neither a field, nor a continuation line, nor blank');
    const key = name.toLowerCase();
    if (this.#fields.has(key)) throw this.#syntax(`field ${name.slice(0, 80)} a second time`);
    if (this.#fields.size >= this.#limits.fields) throw this.#limit('fields', this.#line);
    this.#open = { key, name, raw: line.slice(colon + 1), line: this.#line };
  }

  #endField(): void {
    if (this.#open === undefined) return;
    const { key, ...field } = this.#open;
    this.#fields.set(key, field);
    this.#open = undefined;
  }

  *#endParagraph(): Generator<Paragraph> {
    this.#endField();
    this.#bytes = 0;
    if (this.#fields.size === 0) return;
    this.#paragraphs += 1;
    if (this.#paragraphs > (this.#limits.paragraphs ?? Number.POSITIVE_INFINITY)) {
      throw this.#limit('paragraphs', this.#line);
    }
    const paragraph = new Paragraph(this.#fields);
    this.#fields = new Map();
    yield paragraph;
  }

  /** The first line that holds bytes no document may have. */
  #badLine(bytes: Buffer, text: string, ascii: boolean): { line: number; why: string } | undefined {
    const control = text.includes('\r') || text.includes('\0');
    if (!control && (ascii || isUtf8(bytes))) return undefined;
    for (let start = 0, line = this.#line + 1; start < bytes.length; line += 1) {
      const newline = bytes.indexOf(0x0a, start);
      const end = newline === -1 ? bytes.length : newline;
      const content = bytes.subarray(start, end);
      if (!isUtf8(content)) return { line, why: 'not UTF-8' };
      if (content.includes(0x0d)) return { line, why: 'a carriage return' };
      if (content.includes(0)) return { line, why: 'a NUL byte' };
      start = end + 1;
    }
    return undefined;
  }

  #where(line: number): string {
    return `reading line ${line} of ${this.#limits.name ?? 'a deb822 document'}`;
  }

  #syntax(why: string, line = this.#line): ReproofError {
    return new ReproofError('DEB822_SYNTAX', `${this.#where(line)}: ${why}`, { context: { line } });
  }

  #limit(limit: 'paragraphBytes' | 'fields' | 'paragraphs', line: number): ReproofError {
    const max = this.#limits[limit] ?? 0;
    return new ReproofError('DEB822_LIMIT', `${this.#where(line)}: more than ${max} ${limit}`, {
      context: { line, limit, max },
    });
  }
}

function trim(text: string): string {
  return trimEnd(text).replace(/^[ \t]+/, '');
}

// Not a regular expression: /[ \t]+$/ takes quadratic time on a long run of blanks inside the text.
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1;
  return text.slice(0, end);
}

/**
 * The paragraphs of a control document, one by one, as the bytes come; memory stays within paragraphBytes and one chunk.
 * Paragraphs are parted by lines that are empty or hold only blanks. Strict where readers disagree: carriage returns,
 * NUL, a field given twice, a blank before the colon and bytes that are not UTF-8 are errors. (Keeping other bytes as
 * Latin-1 would let two readers see two names in one signed document; the archive has only UTF-8.)
 * Throws DEB822_SYNTAX with the line's number, DEB822_LIMIT. Source: deb822(5).
 */
export async function* parseDeb822(
  source: AsyncIterable<Uint8Array> | Uint8Array,
  limits: Deb822Limits,
): AsyncGenerator<Paragraph> {
  const reader = new Deb822Reader(limits);
  if (source instanceof Uint8Array) yield* reader.push(source);
  else for await (const chunk of source) yield* reader.push(chunk);
  yield* reader.end();
}

/** All paragraphs of a small document. Throws as parseDeb822. */
export function parseParagraphs(bytes: Uint8Array, limits: Deb822Limits): readonly Paragraph[] {
  const reader = new Deb822Reader(limits);
  return [...reader.push(bytes), ...reader.end()];
}
