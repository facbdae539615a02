import { ReproofError } from '../model/index.ts';
import { ByteCursor } from './byte-cursor.ts';
import {
  type CodeLayout,
  type MarshalLimits,
  MarshalReader,
  type MarshalValue,
  type SetOrder,
} from './python-marshal.ts';

/** What a .pyc says before its code (PEP 3147, PEP 552). Times are seconds since 1970. */
export type PycHeader = {
  readonly magic: number;
  /** As `3.11`. */
  readonly release: string;
  readonly flags?: number;
  readonly sourceTime?: number;
  readonly sourceSize?: number;
  /** SipHash of the source, in hexadecimal. */
  readonly sourceHash?: string;
  /** Where the code begins, in bytes. */
  readonly bytes: number;
};

/** One code object. `name` is the path of names that leads to it. Lines are raw text. */
export type PythonCode = {
  readonly name: string;
  readonly fileName: string;
  readonly lines: readonly string[];
  readonly code: Buffer;
};

export type PythonFile = {
  /** The same for equal values, as in MarshalValue. */
  readonly digest: string;
  readonly setOrders: readonly SetOrder[];
  /** The module first, then what is in it, each before what is inside of that. */
  readonly codes: readonly PythonCode[];
  /** Bytes after the module. */
  readonly trailing: number;
};

/** First magic number of each release, from Lib/importlib/_bootstrap_external.py; later ones belong to it as well. */
const RELEASES: readonly (readonly [number, string])[] = [
  [3000, '3.0'],
  [3140, '3.1'],
  [3160, '3.2'],
  [3190, '3.3'],
  [3250, '3.4'],
  [3320, '3.5'],
  [3360, '3.6'],
  [3390, '3.7'],
  [3400, '3.8'],
  [3420, '3.9'],
  [3430, '3.10'],
  [3450, '3.11'],
  [3500, '3.12'],
  [3550, '3.13'],
  [3600, '3.14'],
  [3650, '3.15'],
];
const PYTHON_2 = [62_151, 62_211] as const;
const BEYOND = 3700;
const FLAG_UNCHECKED_HASH = 1;

/** The header; undefined for what has another magic number, or no code object after it. `head` is 32 bytes or more. */
export function readPycHeader(head: Uint8Array): PycHeader | undefined {
  if (head.length < 20 || head[2] !== 0x0d || head[3] !== 0x0a) return undefined;
  const cursor = new ByteCursor(head, { what: 'Python code', little: true });
  const magic = cursor.u16();
  const old = magic >= PYTHON_2[0] && magic <= PYTHON_2[1];
  if (!old && (magic < 3000 || magic >= BEYOND)) return undefined;
  const release = old ? '2' : (RELEASES.findLast(([first]) => magic >= first)?.[1] ?? '3');
  cursor.seek(4);
  const flags = !old && magic >= 3390 ? { flags: cursor.u32() } : {};
  const sourceHash = ((flags.flags ?? 0) & FLAG_UNCHECKED_HASH) !== 0;
  const source = sourceHash
    ? { sourceHash: cursor.take(8).toString('hex') }
    : { sourceTime: cursor.u32(), ...(!old && magic >= 3190 ? { sourceSize: cursor.u32() } : {}) };
  const bytes = cursor.position;
  return (cursor.u8() & 0x7f) === 0x63 ? { magic, release, ...flags, ...source, bytes } : undefined;
}

const OLD = 'filename name FIRSTLINENO lnotab'.split(' ');
const OLD_OBJECTS = 'STACKSIZE FLAGS code consts names varnames freevars cellvars'.split(' ');
const NEW =
  'code consts names localsplusnames localspluskinds filename name qualname FIRSTLINENO linetable exceptiontable';

function layoutOf({ magic }: PycHeader): CodeLayout {
  if (magic >= PYTHON_2[0]) return ['ARGCOUNT', 'NLOCALS', ...OLD_OBJECTS, ...OLD];
  if (magic < 3400) return ['ARGCOUNT', 'KWONLYARGCOUNT', 'NLOCALS', ...OLD_OBJECTS, ...OLD];
  const counts = ['ARGCOUNT', 'POSONLYARGCOUNT', 'KWONLYARGCOUNT'];
  if (magic < 3450) return [...counts, 'NLOCALS', ...OLD_OBJECTS, ...OLD];
  return [...counts, 'STACKSIZE', 'FLAGS', ...NEW.split(' ')];
}

/** Characters of all lines together. */
export type PythonLimits = MarshalLimits & { readonly characters: number };

/** Reads what follows the header. Throws FORMAT_MALFORMED (context `offset`) and FORMAT_LIMIT. */
export function readPythonCode(bytes: Uint8Array, header: PycHeader, limits: PythonLimits): PythonFile {
  const options = { layout: layoutOf(header), limits, base: header.bytes };
  const reader = new MarshalReader(bytes.subarray(header.bytes), options);
  const root = reader.read();
  const shower = new CodeShower(limits.characters, header.magic >= 3360 && header.magic < BEYOND);
  if (root.code === undefined) reader.cursor.fail('module');
  shower.show(root, '');
  return { digest: root.digest, setOrders: reader.setOrders, codes: shower.codes, trailing: reader.cursor.left };
}

/** Turns code objects into lines, each once however often it is referred to. */
class CodeShower {
  readonly codes: PythonCode[] = [];
  readonly #seen = new Set<MarshalValue>();
  readonly #wordCode: boolean;
  #characters: number;

  constructor(characters: number, wordCode: boolean) {
    this.#characters = characters;
    this.#wordCode = wordCode;
  }

  show(value: MarshalValue, prefix: string): void {
    const { code } = value;
    if (code === undefined || this.#seen.has(value)) return;
    this.#seen.add(value);
    const textOf = (field: string): string => unquoted(code.objects.get(field)?.text ?? '');
    const name = `${prefix}${textOf('name')}`;
    const lines = [...code.numbers].map(([field, number]) => `${field} ${number}`);
    // One by one: as arguments of one call, a large tuple's would be more than the stack holds.
    for (const [field, object] of code.objects)
      if (field !== 'code') for (const line of this.#field(field, object)) lines.push(line);
    const bytes = code.objects.get('code')?.bytes ?? Buffer.alloc(0);
    const width = this.#wordCode ? 2 : 16;
    for (let offset = 0; offset < bytes.length; offset += width)
      lines.push(`code ${bytes.toString('hex', offset, offset + width)}`);
    for (const line of lines) this.#characters -= line.length + 1;
    if (this.#characters < 0) throw new ReproofError('FORMAT_LIMIT', 'showing Python code: too much text');
    this.codes.push({ name, fileName: textOf('filename'), lines, code: bytes });
    const inner = prefix === '' && name === '<module>' ? '' : `${name}.`;
    for (const item of code.objects.get('consts')?.items ?? []) this.show(item, inner);
  }

  #field(field: string, object: MarshalValue): readonly string[] {
    if (object.items !== undefined) return object.items.map((item) => `${field} ${item.text}`);
    if (object.bytes === undefined || !/table|kinds|lnotab/.test(field)) return [`${field} ${object.text}`];
    const { bytes } = object;
    return Array.from(
      { length: Math.ceil(bytes.length / 32) },
      (_, line) => `${field} ${bytes.toString('hex', line * 32, (line + 1) * 32)}`,
    );
  }
}

function unquoted(text: string): string {
  return text.replace(/^b?'(.*)'$/s, '$1');
}
