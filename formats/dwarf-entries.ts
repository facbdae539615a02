import type { DwarfAbbreviation, DwarfAbbreviations } from './dwarf-abbreviations.ts';
import { DwarfBytes } from './dwarf-bytes.ts';
import { type DwarfTextPlace, FORM, readTextPlace, skipForm } from './dwarf-forms.ts';
import type { DwarfSections } from './dwarf-texts.ts';
import type { DwarfUnit } from './dwarf-units.ts';

/**
 * Steps through all entries of a unit and their values, without keeping any: `next` comes to an entry, then `value` is
 * called once for each of its attributes in order. Children are entries like all others, and their end is one without
 * an abbreviation. Throws FORMAT_MALFORMED, FORMAT_LIMIT.
 */
export class DwarfEntries {
  readonly bytes: DwarfBytes;
  readonly #unit: DwarfUnit;
  readonly #abbreviations: DwarfAbbreviations;
  /** Of the entry that was come to. */
  abbreviation: DwarfAbbreviation | undefined;
  /** Of the value that was passed over last: where it begins, and its form. It ends where `bytes` stands. */
  start = 0;
  form = 0;

  constructor(sections: DwarfSections, unit: DwarfUnit, abbreviations: DwarfAbbreviations) {
    this.bytes = new DwarfBytes(sections.info, { section: '.debug_info', little: sections.little });
    this.bytes.at = unit.entries;
    this.bytes.end = unit.end;
    this.#unit = unit;
    this.#abbreviations = abbreviations;
  }

  /** False at the end of the unit. */
  next(): boolean {
    if (this.bytes.at >= this.bytes.end) return false;
    const code = this.bytes.uleb('an entry');
    this.abbreviation = code === 0 ? undefined : this.#abbreviations.find(this.#unit.abbreviations, code);
    return true;
  }

  /** Passes over the value of the attribute of that number. */
  value(index: number): void {
    const stated = this.abbreviation?.forms[index] as number;
    this.form = stated === FORM.indirect ? this.bytes.uleb('a form') : stated;
    this.start = this.bytes.at;
    skipForm(this.bytes, this.form, this.#unit);
  }

  /** Where the text stands that the last value names, which must be of a text's form. */
  textPlace(): DwarfTextPlace {
    this.bytes.at = this.start;
    return readTextPlace(this.bytes, this.form, this.#unit);
  }
}
