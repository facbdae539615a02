const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const NINE = 0x39;
const MOST = 255;
const FIRST_BYTES = 1024;
/** No name that JSON of clients has. Who sends it all the same names lists of their own body. */
const MARK = '\u0000';

/** Where in a list of numbers a scan is: a number may come, one is being read or was read, a comma was. */
type Place = 'opened' | 'number' | 'after number' | 'after comma';

/**
 * Takes lists of bytes (numbers from 0 to 255) out of JSON while it comes: as values of JavaScript each byte would take
 * eight, and four as text. What else there is goes through, and `restore` puts the lists back as bytes.
 */
export class ByteLists {
  readonly #lists: Uint8Array[] = [];
  #bytes = Buffer.alloc(FIRST_BYTES);
  #length = 0;
  #held = 0;
  #place: Place | undefined;
  #number = 0;
  #inText = false;
  #isEscaped = false;

  /** How many bytes are held. */
  get held(): number {
    return this.#held + this.#length;
  }

  /** JSON with something short in place of each list. */
  async *takeFrom(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) yield* this.#take(chunk);
    if (this.#place !== undefined) yield this.#given();
  }

  /** For JSON.parse: gives a list where one was taken out. */
  restore = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, MARK)) return value;
    return this.#lists[(value as Readonly<Record<string, number>>)[MARK] ?? -1] ?? value;
  };

  *#take(chunk: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#place !== undefined) {
        const next = this.#inList(byte);
        if (next === 'goes on') continue;
        yield next;
        // What ends no list is looked at again, as what it is.
        from = byte === CLOSE ? at + 1 : at;
        if (byte === CLOSE) continue;
      }
      if (this.#inText) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#inText = false;
      } else if (byte === QUOTE) this.#inText = true;
      else if (byte === OPEN) {
        if (at > from) yield chunk.subarray(from, at);
        from = at + 1;
        this.#place = 'opened';
      }
    }
    if (this.#place === undefined && from < chunk.length) yield chunk.subarray(from);
  }

  /** One byte of what may be a list. Gives what stands for it once it ends, or turns out to be none. */
  #inList(byte: number): 'goes on' | Uint8Array {
    if (byte >= ZERO && byte <= NINE) return this.#digit(byte - ZERO);
    if (byte === COMMA && (this.#place === 'number' || this.#place === 'after number')) {
      this.#endNumber();
      this.#place = 'after comma';
      return 'goes on';
    }
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
      if (this.#place === 'number') this.#place = 'after number';
      return 'goes on';
    }
    return byte === CLOSE && this.#place !== 'after comma' ? this.#close() : this.#given();
  }

  #digit(digit: number): 'goes on' | Uint8Array {
    const isFirst = this.#place === 'opened' || this.#place === 'after comma';
    const next = isFirst ? digit : this.#number * 10 + digit;
    const isNone = this.#place === 'after number' || next > MOST || (!isFirst && this.#number === 0);
    if (isNone) return this.#given();
    this.#number = next;
    this.#place = 'number';
    return 'goes on';
  }

  #endNumber(): void {
    if (this.#length === this.#bytes.length) {
      const larger = Buffer.alloc(this.#length * 2);
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    this.#bytes[this.#length] = this.#number;
    this.#length += 1;
  }

  #close(): Uint8Array {
    if (this.#place === 'opened') return this.#given(']');
    this.#endNumber();
    const list = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#held += list.length;
    this.#reset();
    return Buffer.from(`{${JSON.stringify(MARK)}:${this.#lists.push(list) - 1}}`);
  }

  /** What was read of it, as JSON has it. */
  #given(end = ''): Uint8Array {
    const numbers = this.#bytes.subarray(0, this.#length).join(',');
    const last = this.#place === 'number' || this.#place === 'after number' ? String(this.#number) : '';
    const comma = numbers !== '' && this.#place !== 'opened' ? ',' : '';
    const space = this.#place === 'after number' ? ' ' : '';
    this.#reset();
    return Buffer.from(`[${numbers}${comma}${last}${space}${end}`);
  }

  #reset(): void {
    this.#place = undefined;
    this.#length = 0;
    this.#bytes = Buffer.alloc(FIRST_BYTES);
  }
}
