import { ReproofError } from '../model/index.ts';
import { ByteCursor } from './byte-cursor.ts';

/** One attribute, its content not looked into. `name` is bytes as latin1. */
export type JavaAttribute = { readonly name: string; readonly content: Buffer };

/** A field or a method. Names and descriptors are bytes as latin1. */
export type JavaMember = {
  readonly access: number;
  readonly name: string;
  readonly descriptor: string;
  readonly attributes: readonly JavaAttribute[];
};

/** What a class file says, JVMS chapter 4. */
export type JavaClass = {
  readonly major: number;
  readonly minor: number;
  readonly constants: JavaConstants;
  readonly access: number;
  readonly name: string;
  readonly superName: string;
  readonly interfaces: readonly string[];
  readonly fields: readonly JavaMember[];
  readonly methods: readonly JavaMember[];
  readonly attributes: readonly JavaAttribute[];
  /** Bytes after the last attribute. */
  readonly trailing: number;
};

/** Attributes of one class, its members' and their code's together. Passing it throws FORMAT_LIMIT. */
export type JavaClassLimits = { readonly attributes: number };

type Constant = { readonly kind: string; readonly value: string } | { readonly kind: string; readonly refs: number[] };

/** Constants shown inside others are cut there, so that a hostile pool cannot multiply its text. */
const INNER_TEXT = 400;
/** A method handle names a method, which names a name with a type, which names its text: no sound pool is deeper. */
const MAX_DEPTH = 4;

/** The constant pool with its references followed, JVMS 4.4. */
export class JavaConstants {
  readonly #entries: readonly (Constant | undefined)[];

  constructor(entries: readonly (Constant | undefined)[]) {
    this.#entries = entries;
  }

  /** All constants as text in their order, each beginning with its kind. Bytes as latin1. */
  lines(): readonly string[] {
    return this.#entries.flatMap((entry, index) => (entry === undefined ? [] : [`${entry.kind} ${this.text(index)}`]));
  }

  /** The constant at `index` as text, references followed; `#N` for one that is not there. */
  text(index: number, depth = 0): string {
    const entry = this.#entries[index];
    if (entry === undefined || depth > MAX_DEPTH) return `#${index}`;
    if ('value' in entry) return depth === 0 ? entry.value : cut(entry.value);
    const [first = 0, second = 0] = entry.refs;
    const inner = (ref: number): string => cut(this.text(ref, depth + 1));
    switch (entry.kind) {
      case 'MethodHandle':
        return `${first} ${inner(second)}`;
      case 'Dynamic':
      case 'InvokeDynamic':
        return `bootstrap ${first} ${inner(second)}`;
      default:
        return entry.refs.map(inner).join(entry.kind === 'NameAndType' ? ':' : '.');
    }
  }

  /** The kind of the constant at `index`, such as String; empty where there is none. */
  kind(index: number): string {
    return this.#entries[index]?.kind ?? '';
  }
}

function cut(text: string): string {
  return text.length <= INNER_TEXT ? text : `${text.slice(0, INNER_TEXT)}... (${text.length} bytes)`;
}

/** Reads a whole class file. Throws FORMAT_MALFORMED (context `offset`) and FORMAT_LIMIT. */
export function readJavaClass(bytes: Uint8Array, limits: JavaClassLimits): JavaClass {
  const cursor = new ByteCursor(bytes, { what: 'Java class' });
  if (cursor.u32('magic') !== 0xcafebabe) cursor.seek(0).fail('magic');
  const minor = cursor.u16('version');
  const major = cursor.u16('version');
  const constants = readConstants(cursor);
  const counter = attributeCounter(limits);
  const access = cursor.u16('access flags');
  const name = constants.text(cursor.u16('class'));
  const superName = constants.text(cursor.u16('super class'));
  const interfaces = Array.from({ length: cursor.u16('interfaces') }, () => constants.text(cursor.u16('interfaces')));
  const readMembers = (): JavaMember[] =>
    Array.from({ length: cursor.u16('members') }, () => ({
      access: cursor.u16('member'),
      name: constants.text(cursor.u16('member')),
      descriptor: constants.text(cursor.u16('member')),
      attributes: readJavaAttributes(cursor, constants, counter),
    }));
  const fields = readMembers();
  const methods = readMembers();
  const attributes = readJavaAttributes(cursor, constants, counter);
  return {
    ...{ major, minor, constants, access, name, superName, interfaces, fields, methods, attributes },
    trailing: cursor.left,
  };
}

/** Throws FORMAT_LIMIT when asked once more than the limit. */
export type AttributeCounter = () => void;

export function attributeCounter(limits: JavaClassLimits): AttributeCounter {
  let count = 0;
  return () => {
    if (++count > limits.attributes)
      throw new ReproofError('FORMAT_LIMIT', `reading attributes of Java class: more than ${limits.attributes}`, {
        context: { limit: 'attributes', value: limits.attributes },
      });
  };
}

/** A count and as many attributes, JVMS 4.7. Throws FORMAT_MALFORMED, FORMAT_LIMIT. */
export function readJavaAttributes(
  cursor: ByteCursor,
  constants: JavaConstants,
  count: AttributeCounter,
): readonly JavaAttribute[] {
  return Array.from({ length: cursor.u16('attributes') }, () => {
    count();
    const name = constants.text(cursor.u16('attribute'));
    return { name, content: cursor.take(cursor.u32('attribute'), 'attribute') };
  });
}

/** Kinds of references by tag, with the size of each reference in bytes. */
const REFERENCES = new Map<number, readonly [string, readonly (1 | 2)[]]>([
  [7, ['Class', [2]]],
  [8, ['String', [2]]],
  [9, ['Field', [2, 2]]],
  [10, ['Method', [2, 2]]],
  [11, ['InterfaceMethod', [2, 2]]],
  [12, ['NameAndType', [2, 2]]],
  [15, ['MethodHandle', [1, 2]]],
  [16, ['MethodType', [2]]],
  [17, ['Dynamic', [2, 2]]],
  [18, ['InvokeDynamic', [2, 2]]],
  [19, ['Module', [2]]],
  [20, ['Package', [2]]],
]);

function readConstants(cursor: ByteCursor): JavaConstants {
  const count = cursor.u16('constant pool');
  const entries: (Constant | undefined)[] = [undefined];
  while (entries.length < count) {
    const tag = cursor.u8('constant');
    const reference = REFERENCES.get(tag);
    if (reference !== undefined) {
      const [kind, sizes] = reference;
      entries.push({ kind, refs: sizes.map((size) => (size === 1 ? cursor.u8('constant') : cursor.u16('constant'))) });
      continue;
    }
    entries.push(readValue(cursor, tag));
    // Long and double take two places, JVMS 4.4.5.
    if (tag === 5 || tag === 6) entries.push(undefined);
  }
  return new JavaConstants(entries);
}

function readValue(cursor: ByteCursor, tag: number): Constant {
  switch (tag) {
    case 1:
      return { kind: 'Utf8', value: cursor.take(cursor.u16('constant'), 'constant').toString('latin1') };
    case 3:
      return { kind: 'Integer', value: String(cursor.take(4, 'constant').readInt32BE()) };
    case 4:
      return { kind: 'Float', value: floating(cursor.take(4, 'constant'), (bytes) => bytes.readFloatBE()) };
    case 5:
      return { kind: 'Long', value: String(cursor.take(8, 'constant').readBigInt64BE()) };
    case 6:
      return { kind: 'Double', value: floating(cursor.take(8, 'constant'), (bytes) => bytes.readDoubleBE()) };
    default:
      return cursor.seek(cursor.position - 1).fail(`constant of kind ${tag}`);
  }
}

/** Not every NaN is the same bytes, and 0 is not -0. */
function floating(bytes: Buffer, read: (bytes: Buffer) => number): string {
  const value = read(bytes);
  return Number.isNaN(value) ? `NaN (${bytes.toString('hex')})` : Object.is(value, -0) ? '-0' : String(value);
}
