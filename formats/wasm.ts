import { ReproofError } from '../model/index.ts';
import { ByteCursor } from './byte-cursor.ts';
import type { ByteRange } from './byte-ranges.ts';

/** A section of a WebAssembly module: `offset` and `size` are those of its content, without its name. */
export type WasmSection = ByteRange & {
  readonly id: number;
  /** Of a custom section its own name in bytes as latin1, of others what the specification calls them. */
  readonly name: string;
};

/** One function: its body's place in the file, and its name where one is given. */
export type WasmFunction = ByteRange & { readonly index: number; readonly name: string };

export type WasmModule = {
  readonly version: number;
  readonly sections: readonly WasmSection[];
  /** As `module.name kind`, in order. */
  readonly imports: readonly string[];
  /** As `name kind index`, in order. */
  readonly exports: readonly string[];
  readonly functions: readonly WasmFunction[];
  /** Tools from the producers section, as `language C (clang 14)`. */
  readonly producers: readonly string[];
};

/** Entries of all tables of the module together. */
export type WasmLimits = { readonly entries: number };

const NAMES = [
  'custom',
  'types',
  'imports',
  'functions',
  'tables',
  'memories',
  'globals',
  'exports',
  'start',
  'elements',
  'code',
  'data',
  'data count',
  'tags',
];
const KINDS = ['function', 'table', 'memory', 'global', 'tag'];
const [IMPORTS, EXPORTS, CODE] = [2, 7, 10];

/**
 * Reads a module as the WebAssembly Core Specification 2.0, chapter 5, has it, with the custom sections name and
 * producers. Throws FORMAT_MALFORMED (context `offset`) and FORMAT_LIMIT.
 */
export function readWasm(bytes: Uint8Array, limits: WasmLimits): WasmModule {
  const cursor = new ByteCursor(bytes, { what: 'WebAssembly module', little: true });
  if (cursor.take(4, 'magic').toString('latin1') !== '\0asm') cursor.seek(0).fail('magic');
  const version = cursor.u32('version');
  const sections = readSections(cursor, limits);
  const tables = new Tables(bytes, limits);
  const of = (id: number, name = NAMES[id]): WasmSection | undefined =>
    sections.find((section) => section.id === id && section.name === name);
  const imports = tables.imports(of(IMPORTS));
  const exports = tables.exports(of(EXPORTS));
  const imported = imports.filter((one) => one.endsWith(' function')).length;
  const names = tables.functionNames(of(0, 'name'));
  for (const one of exports) {
    const [, name, index] = /^(.*) function (\d+)$/s.exec(one) ?? [];
    if (name !== undefined && !names.has(Number(index))) names.set(Number(index), name);
  }
  const functions = tables.bodies(of(CODE)).map((range, index) => ({
    ...range,
    index: imported + index,
    name: names.get(imported + index) ?? '',
  }));
  return { version, sections, imports, exports, functions, producers: tables.producers(of(0, 'producers')) };
}

function readSections(cursor: ByteCursor, { entries }: WasmLimits): readonly WasmSection[] {
  const sections: WasmSection[] = [];
  while (cursor.left > 0) {
    const id = cursor.u8('section');
    const size = leb(cursor);
    const start = cursor.position;
    if (size > cursor.left) cursor.fail('section');
    const name = id === 0 ? text(cursor) : (NAMES[id] ?? `section ${id}`);
    const offset = cursor.position;
    if (offset > start + size) cursor.fail('section name');
    sections.push({ id, name, offset, size: start + size - offset });
    if (sections.length > entries) throw tooMany(entries);
    cursor.seek(start + size);
  }
  return sections;
}

class Tables {
  readonly #bytes: Uint8Array;
  readonly #limit: number;
  #entries = 0;

  constructor(bytes: Uint8Array, { entries }: WasmLimits) {
    this.#bytes = bytes;
    this.#limit = entries;
  }

  imports(section: WasmSection | undefined): readonly string[] {
    return this.#list(section, (cursor) => {
      const name = `${text(cursor)}.${text(cursor)}`;
      const kind = cursor.u8();
      skipType(cursor, kind);
      return `${name} ${KINDS[kind] ?? kind}`;
    });
  }

  exports(section: WasmSection | undefined): readonly string[] {
    return this.#list(section, (cursor) => {
      const name = text(cursor);
      const kind = cursor.u8();
      return `${name} ${KINDS[kind] ?? kind} ${leb(cursor)}`;
    });
  }

  bodies(section: WasmSection | undefined): readonly ByteRange[] {
    return this.#list(section, (cursor) => {
      const size = leb(cursor);
      const offset = cursor.base + cursor.position;
      cursor.take(size, 'function');
      return { offset, size };
    });
  }

  producers(section: WasmSection | undefined): readonly string[] {
    return this.#list(section, (cursor) => {
      const field = text(cursor);
      return this.#entriesOf(cursor, () => `${field} ${text(cursor)} (${text(cursor)})`);
    }).flat();
  }

  /** From subsection 1 of the name section, by index. */
  functionNames(section: WasmSection | undefined): Map<number, string> {
    const names = new Map<number, string>();
    const cursor = this.#open(section);
    while (cursor !== undefined && cursor.left > 0) {
      const kind = cursor.u8('names');
      const end = leb(cursor) + cursor.position;
      if (kind === 1)
        for (const [index, name] of this.#entriesOf(cursor, () => [leb(cursor), text(cursor)] as const))
          names.set(index, name);
      cursor.seek(end);
    }
    return names;
  }

  #list<Entry>(section: WasmSection | undefined, read: (cursor: ByteCursor) => Entry): readonly Entry[] {
    const cursor = this.#open(section);
    return cursor === undefined ? [] : this.#entriesOf(cursor, () => read(cursor));
  }

  #entriesOf<Entry>(cursor: ByteCursor, read: () => Entry): readonly Entry[] {
    const entries: Entry[] = [];
    for (let count = leb(cursor); count > 0; count--) {
      if (++this.#entries > this.#limit) throw tooMany(this.#limit);
      // An entry has at least one byte: a count cannot make more of them than there are.
      if (cursor.left === 0) cursor.fail('entry');
      entries.push(read());
    }
    return entries;
  }

  #open(section: WasmSection | undefined): ByteCursor | undefined {
    if (section === undefined) return undefined;
    const { offset, size } = section;
    const content = this.#bytes.subarray(offset, offset + size);
    return new ByteCursor(content, { what: 'WebAssembly module', base: offset });
  }
}

function tooMany(entries: number): ReproofError {
  return new ReproofError('FORMAT_LIMIT', `reading WebAssembly module: more than ${entries} entries`, {
    context: { limit: 'entries', value: entries },
  });
}

/** An unsigned number of up to 32 bits, in LEB128. */
function leb(cursor: ByteCursor): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = cursor.u8('number');
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  return cursor.fail('number');
}

function text(cursor: ByteCursor): string {
  return cursor.take(leb(cursor), 'name').toString('latin1');
}

/** What an import says after its kind. */
function skipType(cursor: ByteCursor, kind: number): void {
  if (kind === 0) leb(cursor);
  else if (kind === 1 || kind === 2) {
    if (kind === 1) cursor.u8();
    const flags = cursor.u8();
    leb(cursor);
    if ((flags & 1) !== 0) leb(cursor);
  } else if (kind === 3) cursor.take(2);
  else if (kind === 4) {
    cursor.u8();
    leb(cursor);
  } else cursor.fail('kind of import');
}
