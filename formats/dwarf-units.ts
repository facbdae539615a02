import type { AbbreviationLimits, DwarfAbbreviations } from './dwarf-abbreviations.ts';
import { DwarfBytes, passedDwarfLimit } from './dwarf-bytes.ts';
import { type DwarfTextPlace, type DwarfWidths, FORM, isTextForm, readTextPlace, skipForm } from './dwarf-forms.ts';
import { type DwarfSections, dwarfText, type TextIndex } from './dwarf-texts.ts';

export type DwarfLimits = AbbreviationLimits & {
  /** Units of one section. */
  readonly units: number;
};

/** DW_UT_*, 7.5.1; before DWARF 5 every unit of .debug_info is told by its first entry. */
const KINDS = ['', 'compile', 'type', 'partial', 'skeleton', 'split compile', 'split type'];
const PARTIAL_UNIT = 0x3c;
/** Beside the widths of its values: where a unit stands in .debug_info, and where its table of abbreviations is. */
export type DwarfUnit = DwarfWidths & {
  readonly kind: string;
  readonly offset: number;
  /** Where its first entry begins, and where it ends. */
  readonly entries: number;
  readonly end: number;
  readonly abbreviations: number;
  readonly index: TextIndex;
  /** What its first entry says, as far as it is there. */
  readonly root: DwarfRoot;
};

/** The attributes of a unit's first entry. Texts as latin1. `elsewhere` names those that another file holds (dwz). */
export type DwarfRoot = {
  readonly name?: string;
  readonly folder?: string;
  readonly producer?: string;
  readonly language?: number;
  /** The file that a skeleton stands for. */
  readonly splitName?: string;
  readonly elsewhere: readonly string[];
};

/** DW_AT_* that are read, 7.5.4; the last as GCC wrote it before DWARF 5. */
const TEXTS: Readonly<Record<number, 'name' | 'folder' | 'producer' | 'splitName'>> = {
  3: 'name',
  27: 'folder',
  37: 'producer',
  118: 'splitName',
  8496: 'splitName',
};
const LANGUAGE = 0x13;
const STR_OFFSETS_BASE = 0x72;

/**
 * The units of a .debug_info section, in order, with what their first entries say: DWARF 2 to 5, 32 and 64 bits. Reading
 * goes from header to header. Throws FORMAT_MALFORMED (context `offset`), FORMAT_LIMIT.
 */
export function* readDwarfUnits(
  sections: DwarfSections,
  abbreviations: DwarfAbbreviations,
  limits: DwarfLimits,
): Generator<DwarfUnit> {
  const bytes = new DwarfBytes(sections.info, { section: '.debug_info', little: sections.little });
  for (let count = 0; bytes.at < sections.info.length; count++) {
    if (count >= limits.units) throw passedDwarfLimit('units', limits.units);
    const offset = bytes.at;
    const { wide, end } = bytes.unitLength();
    const version = bytes.unsigned(2, 'version of a unit');
    if (version < 2 || version > 5) bytes.fail(`a unit of version ${version}`);
    const head = version < 5 ? olderHeader(bytes, { version, wide }) : header(bytes, wide);
    const unit = { ...head, version, wide, offset, entries: bytes.at, end };
    // A unit may be all padding.
    const first = readFirst(bytes, { unit, sections, abbreviations });
    yield { ...unit, ...first, kind: head.kind === '' ? first.kind : head.kind };
    bytes.at = end;
    bytes.end = sections.info.length;
  }
}

type Header = { readonly kind: string; readonly addressSize: number; readonly abbreviations: number };

function olderHeader(bytes: DwarfBytes, { wide }: { readonly version: number; readonly wide: boolean }): Header {
  const abbreviations = bytes.unsigned(wide ? 8 : 4, 'table of a unit');
  return { kind: '', addressSize: bytes.u8('size of an address'), abbreviations };
}

function header(bytes: DwarfBytes, wide: boolean): Header {
  const type = bytes.u8('type of a unit');
  const addressSize = bytes.u8('size of an address');
  const abbreviations = bytes.unsigned(wide ? 8 : 4, 'table of a unit');
  // The number of a split unit; the signature of a type, and where it stands.
  if (type === 4 || type === 5) bytes.skip(8, 'number of a split unit');
  if (type === 2 || type === 6) bytes.skip(wide ? 16 : 12, 'signature of a type');
  return { kind: KINDS[type] ?? `type ${type}`, addressSize, abbreviations };
}

type Within = {
  readonly unit: DwarfWidths & { readonly kind: string; readonly abbreviations: number };
  readonly sections: DwarfSections;
  readonly abbreviations: DwarfAbbreviations;
};

function readFirst(
  bytes: DwarfBytes,
  { unit, sections, abbreviations }: Within,
): { readonly kind: string; readonly index: TextIndex; readonly root: DwarfRoot } {
  // A split file has one list of offsets, whose header DWARF 5 has and what GCC made before it does not: 7.26.
  let base = unit.version < 5 ? 0 : unit.wide ? 16 : 8;
  const places: [attribute: 'name' | 'folder' | 'producer' | 'splitName', place: DwarfTextPlace][] = [];
  let language: number | undefined;
  const code = bytes.at < bytes.end ? bytes.uleb('an entry') : 0;
  const { tag, names, forms } = code === 0 ? EMPTY : abbreviations.find(unit.abbreviations, code);
  for (const [index, name] of names.entries()) {
    const form = forms[index] === FORM.indirect ? bytes.uleb('a form') : (forms[index] as number);
    const attribute = TEXTS[name];
    const start = bytes.at;
    if (attribute !== undefined && isTextForm(form)) {
      places.push([attribute, readTextPlace(bytes, form, unit)]);
      continue;
    }
    skipForm(bytes, form, unit);
    if (name !== STR_OFFSETS_BASE && name !== LANGUAGE) continue;
    const value = numberBetween(bytes, start, form);
    if (name === LANGUAGE) language = value;
    else base = value ?? base;
  }
  const index = { base, wide: unit.wide };
  const root: { -readonly [Key in keyof DwarfRoot]?: DwarfRoot[Key] } = {};
  const elsewhere: string[] = [];
  for (const [attribute, place] of places) {
    const text = dwarfText(place, { sections, index });
    if (typeof text === 'string') elsewhere.push(attribute);
    else root[attribute] = text.toString('latin1');
  }
  return {
    kind: tag === PARTIAL_UNIT ? 'partial' : 'compile',
    index,
    root: { ...root, ...(language === undefined ? {} : { language }), elsewhere },
  };
}

/** The number that was passed over since `start`; undefined where it is none. */
function numberBetween(bytes: DwarfBytes, start: number, form: number): number | undefined {
  const size = bytes.at - start;
  bytes.at = start;
  if (form === FORM.udata) return bytes.uleb();
  if (size === 1 || size === 2 || size === 4 || size === 8) return bytes.unsigned(size);
  bytes.skip(size);
  return undefined;
}

const EMPTY = { tag: 0, names: [], forms: [] };
