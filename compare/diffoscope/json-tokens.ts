import { ReproofError } from '../../model/index.ts';

/** What JSON is made of. `cut`: the string was longer than may be kept, and this is how it begins. */
export type JsonToken =
  | { readonly kind: 'open' | 'close'; readonly of: 'object' | 'array' }
  | { readonly kind: 'key'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string; readonly cut: boolean }
  | { readonly kind: 'literal'; readonly text: string };

export type JsonLimits = {
  /** Characters of a string that are kept. */
  readonly characters: number;
  /** Objects and arrays inside each other. */
  readonly depth: number;
};

type ReadString = { text: string; cut: boolean; readonly isKey: boolean };
type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing';

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const LITERAL = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
/** What ends a run of plain characters in a string. */
const SPECIAL = /["\\]/g;
/** Longer than any literal that has a meaning. */
const LITERAL_CHARACTERS = 400;

/**
 * Reads one JSON value as it comes (RFC 8259), without ever holding more of it than one string. `push` what there is,
 * then `end`. Throws FORMAT_MALFORMED, FORMAT_LIMIT.
 */
export class JsonTokens {
  readonly #limits: JsonLimits;
  readonly #take: (token: JsonToken) => void;
  readonly #inside: ('object' | 'array')[] = [];
  #expected: Expected = 'value';
  /** The string that is being read, as far as it is kept. */
  #string: ReadString | undefined;
  #escape: string | undefined;
  #literal = '';

  constructor(limits: JsonLimits, take: (token: JsonToken) => void) {
    this.#limits = limits;
    this.#take = take;
  }

  push(text: string): void {
    for (let at = 0; at < text.length; )
      at = this.#string === undefined ? this.#plain(text, at) : this.#inString(text, at);
  }

  end(): void {
    this.#endLiteral();
    if (this.#string !== undefined || this.#expected !== 'nothing') throw malformed('it ends early');
  }

  #plain(text: string, at: number): number {
    const character = text[at] as string;
    if (/[\w+.-]/.test(character)) {
      this.#literal += character;
      if (this.#literal.length > LITERAL_CHARACTERS) throw malformed('a literal is too long');
      return at + 1;
    }
    this.#endLiteral();
    switch (character) {
      case ' ':
      case '\t':
      case '\n':
      case '\r':
        break;
      case '"':
        this.#beginString();
        break;
      case '{':
        this.#open('object');
        break;
      case '[':
        this.#open('array');
        break;
      case '}':
        this.#close('object', 'key or end');
        break;
      case ']':
        this.#close('array', 'value or end');
        break;
      case ':':
        if (this.#expected !== 'colon') throw malformed('a colon is not where it may be');
        this.#expected = 'value';
        break;
      case ',':
        if (this.#expected !== 'comma or end') throw malformed('a comma is not where it may be');
        this.#expected = this.#inside.at(-1) === 'object' ? 'key' : 'value';
        break;
      default:
        throw malformed('a character is not where it may be');
    }
    return at + 1;
  }

  #inString(text: string, at: number): number {
    if (this.#escape !== undefined) {
      this.#escape += text[at];
      this.#endEscape(this.#escape);
      return at + 1;
    }
    SPECIAL.lastIndex = at;
    const end = SPECIAL.exec(text)?.index ?? text.length;
    this.#keep(text.slice(at, end));
    if (text[end] === '\\') this.#escape = '';
    else if (text[end] === '"') this.#endString();
    return end + 1;
  }

  #keep(text: string): void {
    const string = this.#string as ReadString;
    const room = this.#limits.characters - string.text.length;
    string.text += room >= text.length ? text : text.slice(0, room);
    string.cut ||= room < text.length;
  }

  #endEscape(code: string): void {
    const first = code[0] as string;
    if (first === 'u') {
      if (code.length < 5) return;
      if (!/^u[0-9a-f]{4}$/i.test(code)) throw malformed('an escape');
      this.#keep(String.fromCharCode(Number.parseInt(code.slice(1), 16)));
    } else if ('"\\/'.includes(first)) this.#keep(first);
    else if (ESCAPES[first] !== undefined) this.#keep(ESCAPES[first]);
    else throw malformed('an escape');
    this.#escape = undefined;
  }

  #beginString(): void {
    const isKey = this.#expected === 'key' || this.#expected === 'key or end';
    if (!isKey) this.#expectValue();
    this.#string = { text: '', cut: false, isKey };
  }

  #endString(): void {
    const { text, cut, isKey } = this.#string as ReadString;
    this.#string = undefined;
    if (isKey) this.#expected = 'colon';
    else this.#valueEnded();
    this.#take(isKey ? { kind: 'key', text } : { kind: 'string', text, cut });
  }

  #endLiteral(): void {
    const text = this.#literal;
    if (text === '') return;
    this.#literal = '';
    this.#expectValue();
    if (!LITERAL.test(text)) throw malformed('a literal');
    this.#valueEnded();
    this.#take({ kind: 'literal', text });
  }

  #open(of: 'object' | 'array'): void {
    this.#expectValue();
    if (this.#inside.length >= this.#limits.depth)
      throw new ReproofError('FORMAT_LIMIT', `reading JSON: more than ${this.#limits.depth} inside each other`);
    this.#inside.push(of);
    this.#expected = of === 'object' ? 'key or end' : 'value or end';
    this.#take({ kind: 'open', of });
  }

  #close(of: 'object' | 'array', empty: Expected): void {
    if (this.#inside.at(-1) !== of || (this.#expected !== 'comma or end' && this.#expected !== empty))
      throw malformed('an end is not where it may be');
    this.#inside.pop();
    this.#valueEnded();
    this.#take({ kind: 'close', of });
  }

  #expectValue(): void {
    if (this.#expected !== 'value' && this.#expected !== 'value or end')
      throw malformed('a value is not where it may be');
  }

  #valueEnded(): void {
    this.#expected = this.#inside.length === 0 ? 'nothing' : 'comma or end';
  }
}

function malformed(what: string): ReproofError {
  return new ReproofError('FORMAT_MALFORMED', `reading JSON: ${what}`);
}
