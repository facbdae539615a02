import { createHash } from 'node:crypto';
import { ReproofError } from '../model/index.ts';
import { ByteCursor } from './byte-cursor.ts';

/** Objects inside each other, and objects in all. Passing one throws FORMAT_LIMIT. */
export type MarshalLimits = { readonly depth: number; readonly objects: number };

/**
 * One object. `text` is for people and may be cut; `digest` is the same for equal values only, however they are stored:
 * shared or not, interned or not, sets in any order, and code objects without the path they were compiled from.
 */
export type MarshalValue = {
  readonly text: string;
  readonly digest: string;
  readonly items?: readonly MarshalValue[];
  readonly bytes?: Buffer;
  readonly code?: MarshalCode;
};

/** A code object: its fields in their order, by the names that Python gives them without `co_`. */
export type MarshalCode = {
  readonly numbers: ReadonlyMap<string, number>;
  readonly objects: ReadonlyMap<string, MarshalValue>;
};

/** A set's items whatever their order, and in their order: equal for equal ones. */
export type SetOrder = { readonly content: string; readonly order: string };

/** The order of one release's fields of a code object: numbers in capitals. */
export type CodeLayout = readonly string[];

const TEXT = 400;
const SEQUENCES = new Map([
  ['(', '()'],
  [')', '()'],
  ['[', '[]'],
  ['<', '{}'],
  ['>', '{}'],
]);
const CONSTANTS = new Map([
  ['0', 'NULL'],
  ['N', 'None'],
  ['F', 'False'],
  ['T', 'True'],
  ['S', 'StopIteration'],
  ['.', 'Ellipsis'],
]);
const FLAG_REF = 0x80;

/**
 * Reads what Python's marshal wrote, versions 0 to 5 (Python/marshal.c). References to an object not yet complete are
 * values of their own. Throws FORMAT_MALFORMED (context `offset`) and FORMAT_LIMIT.
 */
export class MarshalReader {
  readonly cursor: ByteCursor;
  readonly #layout: CodeLayout;
  readonly #limits: MarshalLimits;
  readonly #refs: (MarshalValue | undefined)[] = [];
  readonly #interned: MarshalValue[] = [];
  readonly #setOrders: SetOrder[] = [];
  #objects = 0;

  constructor(bytes: Uint8Array, options: { layout: CodeLayout; limits: MarshalLimits; base: number }) {
    this.cursor = new ByteCursor(bytes, { what: 'Python code', little: true, base: options.base });
    this.#layout = options.layout;
    this.#limits = options.limits;
  }

  /** Every set read so far. */
  get setOrders(): readonly SetOrder[] {
    return this.#setOrders;
  }

  read(depth = 0): MarshalValue {
    const { depth: deepest, objects } = this.#limits;
    if (depth > deepest || ++this.#objects > objects)
      throw new ReproofError('FORMAT_LIMIT', `reading Python code: more than ${objects} objects, or ${deepest} deep`, {
        context: { limit: depth > deepest ? 'depth' : 'objects' },
      });
    const byte = this.cursor.u8('object');
    const place = (byte & FLAG_REF) === 0 ? -1 : this.#refs.push(undefined) - 1;
    const value = this.#content(String.fromCharCode(byte & ~FLAG_REF), depth);
    if (place >= 0) this.#refs[place] = value;
    return value;
  }

  #content(type: string, depth: number): MarshalValue {
    const { cursor } = this;
    const constant = CONSTANTS.get(type);
    if (constant !== undefined) return { text: constant, digest: constant };
    const brackets = SEQUENCES.get(type);
    if (brackets !== undefined) return this.#sequence(type, brackets, depth);
    switch (type) {
      case 'i':
        return number(String(cursor.take(4, 'number').readInt32LE()), 'i');
      case 'I':
        return number(String(cursor.take(8, 'number').readBigInt64LE()), 'i');
      case 'l':
        return this.#long();
      case 'g':
        return float([cursor.take(8, 'number')]);
      case 'y':
        return float([cursor.take(8, 'number'), cursor.take(8, 'number')]);
      case 'f':
      case 'x': {
        const parts = Array.from({ length: type === 'f' ? 1 : 2 }, () => cursor.take(cursor.u8(), 'number'));
        return number(parts.map((part) => part.toString('latin1')).join(' + '), type);
      }
      case 's':
      case 't':
      case 'u':
      case 'a':
      case 'A':
        return this.#string(type, cursor.u32('size'));
      case 'z':
      case 'Z':
        return this.#string(type, cursor.u8('size'));
      case 'R':
        return this.#interned[cursor.u32('reference')] ?? cursor.fail('reference');
      case 'r':
        return this.#reference(cursor.u32('reference'));
      case '{':
        return this.#dictionary(depth);
      case ':':
        return compound('slice', [this.read(depth + 1), this.read(depth + 1), this.read(depth + 1)], '()');
      case 'c':
        return this.#code(depth);
      default:
        return cursor.seek(cursor.position - 1).fail(`object of type ${type.charCodeAt(0)}`);
    }
  }

  #reference(index: number): MarshalValue {
    if (index >= this.#refs.length) this.cursor.fail('reference');
    return this.#refs[index] ?? { text: '<itself>', digest: `itself ${index}` };
  }

  #long(): MarshalValue {
    const count = this.cursor.take(4, 'number').readInt32LE();
    const digits = this.cursor.take(2 * Math.abs(count), 'number');
    const sign = count < 0 ? '-' : '';
    if (Math.abs(count) > 20) {
      const digest = digestOf(`long ${sign}${digits.toString('latin1')}`);
      return { text: `${sign}number of ${Math.abs(count)} digits of 15 bits, ${short(digest)}`, digest };
    }
    let value = 0n;
    for (let index = digits.length - 2; index >= 0; index -= 2)
      value = value * 32768n + BigInt(digits.readUInt16LE(index));
    return number(`${sign}${value}`, 'i');
  }

  #string(type: string, size: number): MarshalValue {
    const bytes = this.cursor.take(size, 'string');
    const kind = type === 's' ? 'b' : 'u';
    const digest = digestOf(`${kind} ${bytes.toString('latin1')}`);
    const start = bytes.toString(kind === 'b' ? 'latin1' : 'utf8', 0, TEXT);
    const quoted = `${kind === 'b' ? 'b' : ''}'${start}'`;
    const text = size <= TEXT ? quoted : `${quoted}... ${size} bytes, ${short(digest)}`;
    const value = { text, digest, bytes };
    if (type === 't') this.#interned.push(value);
    return value;
  }

  #sequence(type: string, brackets: string, depth: number): MarshalValue {
    const { cursor } = this;
    const count = type === ')' ? cursor.u8('size') : cursor.u32('size');
    if (count > cursor.left) cursor.fail('size');
    const items: MarshalValue[] = [];
    while (items.length < count) items.push(this.read(depth + 1));
    if (brackets !== '{}') return compound(brackets === '[]' ? 'list' : 'tuple', items, brackets);
    const order = digestOf(items.map((item) => `${item.digest.length} ${item.digest}`).join());
    const set = compound('set', sorted(items), brackets);
    this.#setOrders.push({ content: set.digest, order });
    return set;
  }

  #dictionary(depth: number): MarshalValue {
    const items: MarshalValue[] = [];
    for (;;) {
      const key = this.read(depth + 1);
      if (key.digest === 'NULL') return compound('dict', items, '{}');
      items.push(key, this.read(depth + 1));
    }
  }

  #code(depth: number): MarshalValue {
    const numbers = new Map<string, number>();
    const objects = new Map<string, MarshalValue>();
    for (const field of this.#layout) {
      const name = field.toLowerCase();
      if (field === name) objects.set(name, this.read(depth + 1));
      else numbers.set(name, this.cursor.take(4, name).readInt32LE());
    }
    const parts = [
      ...[...numbers].map(([name, value]) => `${name} ${value}`),
      ...[...objects]
        .filter(([name]) => name !== 'filename')
        .map(([name, { digest }]) => `${name} ${digest.length} ${digest}`),
    ];
    const name = objects.get('name')?.text ?? '';
    return { text: `<code ${name}>`, digest: digestOf(`code ${parts.join()}`), code: { numbers, objects } };
  }
}

function compound(kind: string, items: readonly MarshalValue[], brackets: string): MarshalValue {
  const digest = digestOf(`${kind} ${items.map((item) => `${item.digest.length} ${item.digest}`).join()}`);
  let text = '';
  for (const item of items) {
    if (text.length > TEXT) {
      text = `${text.slice(0, TEXT)}... ${items.length} items, ${short(digest)}`;
      break;
    }
    text += `${text === '' ? '' : ', '}${item.text}`;
  }
  return { text: `${brackets[0]}${text}${brackets[1]}`, digest, items };
}

function sorted(items: readonly MarshalValue[]): readonly MarshalValue[] {
  return items.toSorted((one, other) => (one.digest < other.digest ? -1 : one.digest > other.digest ? 1 : 0));
}

function number(text: string, kind: string): MarshalValue {
  return { text, digest: digestOf(`${kind} ${text}`) };
}

/** Equal only where the bytes are: there are many NaNs, and 0 is not -0. */
function float(parts: readonly Buffer[]): MarshalValue {
  const text = parts.map((part) => {
    const value = part.readDoubleLE();
    return Number.isNaN(value) ? `nan (${part.toString('hex')})` : Object.is(value, -0) ? '-0.0' : String(value);
  });
  return { text: text.join(' + '), digest: `g ${parts.map((part) => part.toString('hex')).join(' ')}` };
}

/** Short texts stand for themselves. */
function digestOf(key: string): string {
  return key.length <= 60 ? key : `sha256 ${createHash('sha256').update(key, 'latin1').digest('hex')}`;
}

/** Tells apart what is cut. */
function short(digest: string): string {
  return createHash('sha256').update(digest, 'latin1').digest('hex').slice(0, 12);
}
