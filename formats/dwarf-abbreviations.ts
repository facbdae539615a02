import { DwarfBytes, passedDwarfLimit } from './dwarf-bytes.ts';
import { FORM } from './dwarf-forms.ts';

/** What an entry that names it holds: the n-th attribute has the n-th name and the n-th form. */
export type DwarfAbbreviation = {
  readonly tag: number;
  readonly names: readonly number[];
  readonly forms: readonly number[];
  /** All of it but its code, as latin1: values that stand here (DW_FORM_implicit_const), too. */
  readonly raw: string;
};

export type AbbreviationLimits = {
  /** Abbreviations that are read, of all tables together. */
  readonly abbreviations: number;
  /** Attributes of one. */
  readonly attributes: number;
};

/** The tables of a .debug_abbrev section, 7.5.3, each read as far as it is asked for and once. */
export class DwarfAbbreviations {
  readonly #bytes: Buffer;
  readonly #limits: AbbreviationLimits;
  readonly #tables = new Map<number, Table>();
  #read = 0;

  constructor(bytes: Buffer, limits: AbbreviationLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  /** That of a code in the table at an offset. Throws FORMAT_MALFORMED where there is none, FORMAT_LIMIT. */
  find(offset: number, code: number): DwarfAbbreviation {
    const table = this.#tables.get(offset) ?? this.#open(offset);
    for (let found = table.found.get(code); ; found = table.found.get(code)) {
      if (found !== undefined) return found;
      if (table.complete) return table.bytes.fail(`abbreviation ${code} of the table`);
      this.#readNext(table);
    }
  }

  #open(offset: number): Table {
    const bytes = new DwarfBytes(this.#bytes, { section: '.debug_abbrev', little: true });
    if (offset > bytes.end) bytes.fail('a table outside');
    bytes.at = offset;
    const table = { bytes, found: new Map<number, DwarfAbbreviation>(), complete: false };
    this.#tables.set(offset, table);
    return table;
  }

  #readNext(table: Table): void {
    const { bytes, found } = table;
    const code = bytes.uleb('code of an abbreviation');
    if (code === 0) {
      table.complete = true;
      return;
    }
    if (++this.#read > this.#limits.abbreviations) throw passedDwarfLimit('abbreviations', this.#limits.abbreviations);
    const start = bytes.at;
    const tag = bytes.uleb('tag of an abbreviation');
    bytes.skip(1, 'whether an abbreviation has children');
    const [names, forms]: [number[], number[]] = [[], []];
    for (;;) {
      const [name, form] = [bytes.uleb('an attribute'), bytes.uleb('the form of an attribute')];
      if (form === FORM.implicitConst) bytes.skipLeb();
      if (name === 0 && form === 0) break;
      if (names.length >= this.#limits.attributes)
        throw passedDwarfLimit('attributes of an abbreviation', this.#limits.attributes);
      names.push(name);
      forms.push(form);
    }
    // The first of a code counts, as for whoever looks for it from the beginning.
    if (!found.has(code)) found.set(code, { tag, names, forms, raw: this.#bytes.toString('latin1', start, bytes.at) });
  }
}

type Table = { readonly bytes: DwarfBytes; readonly found: Map<number, DwarfAbbreviation>; complete: boolean };
