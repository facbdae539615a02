import { ReproofError } from '../../../model/index.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Longer than any name of ours. */
const KEY_BYTES = 200;

/** What is told of a JSON text while it passes by. Places are offsets in bytes from the text's beginning. */
export type JsonListener = {
  /** An object or array begins at its bracket, or ends behind it. */
  readonly open: (of: 'object' | 'array', at: number) => void;
  readonly close: (of: 'object' | 'array', end: number) => void;
  readonly key: (text: string) => void;
  /** A value that is a string: from behind its quote, its bytes as they stand, to before its quote. */
  readonly stringBegins: (at: number) => void;
  readonly stringPart: (bytes: Buffer, at: number) => void;
  readonly stringEnds: (at: number) => void;
};

type Inside = { readonly of: 'object' | 'array'; keyNext: boolean };

/**
 * Finds the parts of a JSON text (RFC 8259) as its bytes come, and never holds any of it but the name that is being read. What it passes
 * over is not judged but for its brackets and strings: whoever reads a part parses it. Throws FORMAT_MALFORMED,
 * FORMAT_LIMIT.
 */
export class JsonBytes {
  readonly #listener: JsonListener;
  readonly #depth: number;
  readonly #inside: Inside[] = [];
  #offset = 0;
  #string: { readonly isKey: boolean; key: string } | undefined;
  #escaped = false;
  #ended = false;

  constructor(limits: { readonly depth: number }, listener: JsonListener) {
    this.#depth = limits.depth;
    this.#listener = listener;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; )
      at = this.#string === undefined ? this.#plain(chunk, at) : this.#inString(chunk, at);
    this.#offset += chunk.length;
  }

  end(): void {
    if (!this.#ended) throw malformed('it ends early');
  }

  #plain(chunk: Buffer, at: number): number {
    const byte = chunk[at] as number;
    const place = this.#offset + at;
    const top = this.#inside.at(-1);
    switch (byte) {
      case QUOTE:
        if (top === undefined) throw malformed('its top');
        this.#string = { isKey: top.of === 'object' && top.keyNext, key: '' };
        if (!this.#string.isKey) this.#listener.stringBegins(place + 1);
        break;
      case 0x7b:
        this.#open('object', place);
        break;
      case 0x5b:
        this.#open('array', place);
        break;
      case 0x7d:
        this.#close('object', place + 1);
        break;
      case 0x5d:
        this.#close('array', place + 1);
        break;
      case 0x2c:
        if (top?.of === 'object') top.keyNext = true;
        break;
      case 0x3a:
        if (top?.of === 'object') top.keyNext = false;
        break;
      default:
        if (this.#inside.length === 0 && byte > 0x20) throw malformed('its top');
    }
    return at + 1;
  }

  #inString(chunk: Buffer, from: number): number {
    const string = this.#string as { readonly isKey: boolean; key: string };
    // What a backslash at the end of the chunk before stands before ends nothing.
    const begin = this.#escaped ? from + 1 : from;
    let quote = chunk.indexOf(QUOTE, begin);
    while (quote >= 0 && backslashesBefore(chunk, quote, begin) % 2 === 1) quote = chunk.indexOf(QUOTE, quote + 1);
    this.#escaped = quote < 0 && backslashesBefore(chunk, chunk.length, begin) % 2 === 1;
    const end = quote < 0 ? chunk.length : quote;
    if (string.isKey) {
      if (string.key.length + end - from > KEY_BYTES) throw malformed('a name is too long');
      string.key += chunk.toString('latin1', from, end);
    } else if (end > from) this.#listener.stringPart(chunk.subarray(from, end), this.#offset + from);
    if (quote < 0) return chunk.length;
    this.#string = undefined;
    if (string.isKey) this.#listener.key(string.key);
    else this.#listener.stringEnds(this.#offset + quote);
    return quote + 1;
  }

  #open(of: 'object' | 'array', place: number): void {
    if (this.#ended) throw malformed('there is more behind its end');
    if (this.#inside.length >= this.#depth)
      throw new ReproofError('FORMAT_LIMIT', `reading JSON: more than ${this.#depth} inside each other`);
    this.#inside.push({ of, keyNext: of === 'object' });
    this.#listener.open(of, place);
  }

  #close(of: 'object' | 'array', end: number): void {
    if (this.#inside.pop()?.of !== of) throw malformed('an end is not where it may be');
    this.#ended = this.#inside.length === 0;
    this.#listener.close(of, end);
  }
}

/** How many backslashes stand right before a place, from `begin` on. */
function backslashesBefore(chunk: Buffer, place: number, begin: number): number {
  let at = place;
  while (at > begin && chunk[at - 1] === BACKSLASH) at--;
  return place - at;
}

/** What reading a tree throws where it is none. */
export function malformed(what: string): ReproofError {
  return new ReproofError('FORMAT_MALFORMED', `reading a tree of differences: ${what} is not as it should be`);
}
