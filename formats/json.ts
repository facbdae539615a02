import { ReproofError } from '../model/index.ts';

/**
 * A JSON value as it is written: numbers and strings keep their spelling, objects their order and repeated keys, so that
 * nothing is lost to a conversion. `text` of a string has its quotes and escapes.
 */
export type JsonValue =
  | { readonly kind: 'literal' | 'number' | 'string'; readonly text: string }
  | { readonly kind: 'array'; readonly items: readonly JsonValue[] }
  | { readonly kind: 'object'; readonly entries: readonly JsonEntry[] };

/** `key` is decoded, `text` is how it is written, with its quotes. */
export type JsonEntry = { readonly key: string; readonly text: string; readonly value: JsonValue };

export type JsonLimits = {
  /** Arrays and objects inside each other. */
  readonly depth: number;
  /** Values of all kinds together. */
  readonly values: number;
};

/** Digits and all of one number: nobody writes more, and a pattern is matched against it. */
const NUMBER_CHARACTERS = 4096;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/**
 * Reads the values of a text in order (RFC 8259): one for JSON, one a line for JSON lines. A byte order mark before them
 * is passed over. Throws FORMAT_MALFORMED for anything else, such as NaN or a comment, and FORMAT_LIMIT; offsets count
 * UTF-16 units.
 */
export function readJson(text: string, limits: JsonLimits): readonly JsonValue[] {
  const reader = new JsonReader(text, limits);
  const values: JsonValue[] = [];
  while (!reader.atEnd()) {
    if (values.length > 0 && !reader.onNewLine) throw reader.malformed('more after the value');
    values.push(reader.value(0));
  }
  if (values.length === 0) throw reader.malformed('no value');
  return values;
}

/** The characters that a string stands for. Its text was read by readJson. */
export function decodeJsonString(text: string): string {
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
}

class JsonReader {
  readonly #text: string;
  readonly #limits: JsonLimits;
  #at = 0;
  #values = 0;
  /** True when a newline was passed since the last value. */
  onNewLine = false;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
    if (text.startsWith('\ufeff')) this.#at = 1;
  }

  malformed(what: string): ReproofError {
    return new ReproofError('FORMAT_MALFORMED', `reading JSON at character ${this.#at}: ${what}`, {
      context: { offset: this.#at },
    });
  }

  atEnd(): boolean {
    this.onNewLine = false;
    this.#blank();
    return this.#at >= this.#text.length;
  }

  value(depth: number): JsonValue {
    if (depth > this.#limits.depth) throw this.#over('depth');
    if (++this.#values > this.#limits.values) throw this.#over('values');
    switch (this.#text[this.#at]) {
      case '{':
        return { kind: 'object', entries: this.#list('}', () => this.#entry(depth)) };
      case '[':
        return { kind: 'array', items: this.#list(']', () => this.value(depth + 1)) };
      case '"':
        return { kind: 'string', text: this.#string() };
      default:
        return this.#scalar();
    }
  }

  #entry(depth: number): JsonEntry {
    if (this.#text[this.#at] !== '"') throw this.malformed('no key');
    const text = this.#string();
    this.#blank();
    if (this.#text[this.#at] !== ':') throw this.malformed('no colon after a key');
    this.#at++;
    this.#blank();
    return { key: decodeJsonString(text), text, value: this.value(depth + 1) };
  }

  #list<Item>(close: string, item: () => Item): Item[] {
    const items: Item[] = [];
    this.#at++;
    this.#blank();
    if (this.#text[this.#at] === close) {
      this.#at++;
      return items;
    }
    for (;;) {
      items.push(item());
      this.#blank();
      const next = this.#text[this.#at];
      if (next !== ',' && next !== close) throw this.malformed('a list goes on without a comma');
      this.#at++;
      if (next === close) return items;
      this.#blank();
    }
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code) || code < 0x20) throw this.malformed('a string does not end');
      if (code === 0x5c) this.#escape();
      else this.#at++;
      if (code === 0x22) return this.#text.slice(start, this.#at);
    }
  }

  #escape(): void {
    const next = this.#text[this.#at + 1] ?? '';
    if (next === 'u' && /^[0-9a-fA-F]{4}$/.test(this.#text.slice(this.#at + 2, this.#at + 6))) this.#at += 6;
    else if (next !== '' && '"\\/bfnrt'.includes(next)) this.#at += 2;
    else throw this.malformed('an unknown escape');
  }

  #scalar(): JsonValue {
    for (const word of ['true', 'false', 'null']) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return { kind: 'literal', text: word };
    }
    const start = this.#at;
    while ('+-.0123456789eE'.includes(this.#text[this.#at] ?? ' ')) this.#at++;
    if (this.#at - start > NUMBER_CHARACTERS) throw this.#over('number length');
    const text = this.#text.slice(start, this.#at);
    this.#at = NUMBER.test(text) ? this.#at : start;
    if (this.#at === start) throw this.malformed('no value');
    return { kind: 'number', text };
  }

  #blank(): void {
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x0a) this.onNewLine = true;
      else if (code !== 0x20 && code !== 0x09 && code !== 0x0d) return;
    }
  }

  #over(limit: string): ReproofError {
    return new ReproofError(
      'FORMAT_LIMIT',
      `reading JSON at character ${this.#at}: the limit of ${limit} was reached`,
      {
        context: { offset: this.#at, limit },
      },
    );
  }
}
