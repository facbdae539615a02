import { ReproofError } from '../model/index.ts';

/** A piece of XML or HTML as it is written: no entity is replaced, nothing is fetched, raw text is kept. */
export type MarkupToken =
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly attributes: readonly MarkupAttribute[];
      /** Ended by `/>`. */
      readonly empty: boolean;
    }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text' | 'cdata' | 'comment' | 'instruction' | 'declaration'; readonly text: string };

/** `value` without its quotes; empty for an HTML attribute that has none. */
export type MarkupAttribute = { readonly name: string; readonly value: string };

export type MarkupOptions = {
  /**
   * XML must have quoted attributes and tags that close each other, or is none. HTML is taken as it comes: names in
   * lower case, script and style as text.
   */
  readonly syntax: 'xml' | 'html';
  readonly limits: {
    /** Tags, attributes, texts and all. */
    readonly tokens: number;
    /** Elements inside each other, in XML. */
    readonly depth: number;
  };
};

const NAME = /[A-Za-z_:\u0080-\uffff][^\s/>=<"']*/y;
const RAW_TEXT = new Set(['script', 'style']);

/** Pieces in order. Throws FORMAT_MALFORMED for what is no XML; FORMAT_LIMIT. Offsets count UTF-16 units. */
export function readMarkup(text: string, options: MarkupOptions): readonly MarkupToken[] {
  return new MarkupReader(text, options).read();
}

class MarkupReader {
  readonly #text: string;
  readonly #options: MarkupOptions;
  readonly #tokens: MarkupToken[] = [];
  readonly #within: string[] = [];
  #at = 0;
  #pieces = 0;
  /** The element just begun, where it holds text that is no markup. */
  #raw: string | undefined;

  constructor(text: string, options: MarkupOptions) {
    this.#text = text;
    this.#options = options;
    if (text.startsWith('\ufeff')) this.#at = 1;
  }

  read(): readonly MarkupToken[] {
    while (this.#at < this.#text.length) {
      this.#count();
      this.#tokens.push(this.#next());
    }
    if (this.#strict && this.#within.length > 0) throw this.#failed('FORMAT_MALFORMED', 'an element is not closed');
    return this.#tokens;
  }

  #count(): void {
    if (++this.#pieces > this.#options.limits.tokens) throw this.#failed('FORMAT_LIMIT', 'too many pieces');
  }

  get #strict(): boolean {
    return this.#options.syntax === 'xml';
  }

  #next(): MarkupToken {
    const text = this.#text;
    if (this.#raw !== undefined) return this.#rawText(this.#raw);
    if (text[this.#at] !== '<') return this.#plain();
    if (text.startsWith('<!--', this.#at)) return { kind: 'comment', text: this.#upTo('<!--', '-->') };
    if (text.startsWith('<![CDATA[', this.#at)) return { kind: 'cdata', text: this.#upTo('<![CDATA[', ']]>') };
    if (text.startsWith('<?', this.#at))
      return { kind: 'instruction', text: this.#upTo('<?', this.#strict ? '?>' : '>') };
    if (text.startsWith('<!', this.#at)) return this.#declaration();
    const closing = text[this.#at + 1] === '/';
    const name = this.#name(this.#at + (closing ? 2 : 1));
    if (name === undefined) return this.#plain();
    this.#at += name.length + (closing ? 2 : 1);
    const shown = this.#strict ? name : name.toLowerCase();
    return closing ? this.#close(shown) : this.#open(shown);
  }

  /** Text up to the next tag; a `<` that begins none is part of it, in HTML. */
  #plain(): MarkupToken {
    if (this.#text[this.#at] === '<' && this.#strict) throw this.#failed('FORMAT_MALFORMED', 'no tag after <');
    return { kind: 'text', text: this.#take(this.#text.indexOf('<', this.#at + 1)) };
  }

  /** What a script or style holds, up to the tag that ends it. */
  #rawText(name: string): MarkupToken {
    const end = new RegExp(`</${name}`, 'gi');
    end.lastIndex = this.#at;
    this.#raw = undefined;
    return { kind: 'text', text: this.#take(end.exec(this.#text)?.index ?? -1) };
  }

  #declaration(): MarkupToken {
    const start = this.#at + 2;
    const end = this.#text.indexOf('>', start);
    if (end < 0 || !this.#text.slice(start, end).includes('['))
      return { kind: 'declaration', text: this.#upTo('<!', '>') };
    const closed = this.#text.indexOf(']', start);
    const after = closed < 0 ? -1 : this.#text.indexOf('>', closed);
    if (after < 0) throw this.#failed('FORMAT_MALFORMED', 'a declaration does not end');
    return { kind: 'declaration', text: this.#take(after + 1).slice(2, -1) };
  }

  #close(name: string): MarkupToken {
    if (this.#strict && this.#within.pop() !== name) throw this.#failed('FORMAT_MALFORMED', 'an end without its start');
    const end = this.#text.indexOf('>', this.#at);
    if (this.#strict && this.#text.slice(this.#at, end).trim() !== '')
      throw this.#failed('FORMAT_MALFORMED', 'an end tag with more than a name');
    this.#take(end < 0 ? -1 : end + 1);
    return { kind: 'close', name };
  }

  #open(name: string): MarkupToken {
    const attributes: MarkupAttribute[] = [];
    for (;;) {
      this.#blank();
      const next = this.#text[this.#at];
      if (next === '>' || next === undefined) break;
      if (next === '/') {
        this.#at++;
        continue;
      }
      this.#count();
      attributes.push(this.#attribute());
    }
    if (this.#strict && this.#at >= this.#text.length) throw this.#failed('FORMAT_MALFORMED', 'a tag does not end');
    const empty = this.#text[this.#at - 1] === '/';
    this.#at++;
    if (this.#strict && !empty) this.#within.push(name);
    if (this.#within.length > this.#options.limits.depth) throw this.#failed('FORMAT_LIMIT', 'elements too deep');
    if (!this.#strict && RAW_TEXT.has(name)) this.#raw = name;
    return { kind: 'open', name, attributes, empty };
  }

  #attribute(): MarkupAttribute {
    const written = this.#name(this.#at) ?? (this.#strict ? undefined : this.#text[this.#at]);
    if (written === undefined) throw this.#failed('FORMAT_MALFORMED', 'no name of an attribute');
    this.#at += written.length;
    this.#blank();
    if (this.#strict && this.#text[this.#at] !== '=')
      throw this.#failed('FORMAT_MALFORMED', 'an attribute without a value');
    return { name: this.#strict ? written : written.toLowerCase(), value: this.#value() };
  }

  #value(): string {
    if (this.#text[this.#at] !== '=') return '';
    this.#at++;
    this.#blank();
    const quote = this.#text[this.#at] ?? '';
    if (quote === '"' || quote === "'") return this.#upTo(quote, quote);
    if (this.#strict) throw this.#failed('FORMAT_MALFORMED', 'an attribute without quotes');
    const bare = /[^\s>]*/y;
    bare.lastIndex = this.#at;
    const value = bare.exec(this.#text)?.[0] ?? '';
    this.#at += value.length;
    return value;
  }

  #name(at: number): string | undefined {
    NAME.lastIndex = at;
    return NAME.exec(this.#text)?.[0];
  }

  #blank(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  /** What stands between `open`, here, and the next `close`; in HTML all the rest where there is none. */
  #upTo(open: string, close: string): string {
    const start = this.#at + open.length;
    const end = this.#text.indexOf(close, start);
    if (end < 0 && this.#strict) throw this.#failed('FORMAT_MALFORMED', `no ${close} to end ${open}`);
    this.#at = end < 0 ? this.#text.length : end + close.length;
    return this.#text.slice(start, end < 0 ? undefined : end);
  }

  /** The text from here up to `end`, or all of it below 0. */
  #take(end: number): string {
    const start = this.#at;
    this.#at = end < 0 ? this.#text.length : end;
    return this.#text.slice(start, this.#at);
  }

  #failed(code: 'FORMAT_MALFORMED' | 'FORMAT_LIMIT', what: string): ReproofError {
    return new ReproofError(code, `reading ${this.#options.syntax.toUpperCase()} at character ${this.#at}: ${what}`, {
      context: { offset: this.#at },
    });
  }
}
