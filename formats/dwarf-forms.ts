import type { DwarfBytes } from './dwarf-bytes.ts';

/** How wide a unit's values are. */
export type DwarfWidths = {
  readonly version: number;
  /** True where offsets have 8 bytes, 7.4. */
  readonly wide: boolean;
  readonly addressSize: number;
};

/** DW_FORM_* by code: DWARF 5 7.5.6, and those GCC had before it. */
export const FORM = {
  data2: 0x05,
  string: 0x08,
  data1: 0x0b,
  strp: 0x0e,
  udata: 0x0f,
  indirect: 0x16,
  strx: 0x1a,
  strpSup: 0x1d,
  data16: 0x1e,
  lineStrp: 0x1f,
  implicitConst: 0x21,
  strx1: 0x25,
  strx4: 0x28,
  gnuStrIndex: 0x1f02,
  gnuStrpAlt: 0x1f21,
} as const;

/** Bytes of the forms that always have as many. */
const FIXED: Readonly<Record<number, number>> = {
  [FORM.data2]: 2,
  6: 4, // data4
  7: 8, // data8
  [FORM.data1]: 1,
  12: 1, // flag
  17: 1, // ref1
  18: 2, // ref2
  19: 4, // ref4
  20: 8, // ref8
  25: 0, // flag_present
  28: 4, // ref_sup4
  [FORM.data16]: 16,
  32: 8, // ref_sig8
  [FORM.implicitConst]: 0,
  36: 8, // ref_sup8
  [FORM.strx1]: 1,
  38: 2, // strx2
  39: 3, // strx3
  [FORM.strx4]: 4,
  41: 1, // addrx1
  42: 2, // addrx2
  43: 3, // addrx3
  44: 4, // addrx4
};

/** Bytes of a form that always has as many in such a unit; undefined where only the value tells. */
export function fixedFormBytes(form: number, { version, wide, addressSize }: DwarfWidths): number | undefined {
  switch (form) {
    case 0x01: // addr
      return addressSize;
    case FORM.strp:
    case 0x17: // sec_offset
    case FORM.strpSup:
    case FORM.lineStrp:
    case 0x1f20: // GNU_ref_alt
    case FORM.gnuStrpAlt:
      return wide ? 8 : 4;
    case 0x10: // ref_addr, as wide as an address in DWARF 2
      return version <= 2 ? addressSize : wide ? 8 : 4;
    default:
      return FIXED[form];
  }
}

/** Passes over a value of that form. Throws FORMAT_MALFORMED also for a form that is not known. */
export function skipForm(bytes: DwarfBytes, form: number, widths: DwarfWidths): void {
  const fixed = fixedFormBytes(form, widths);
  if (fixed !== undefined) {
    bytes.skip(fixed);
    return;
  }
  switch (form) {
    case FORM.string:
      bytes.skipText();
      return;
    case 0x0a: // block1
      bytes.skip(bytes.u8());
      return;
    case 0x03: // block2
      bytes.skip(bytes.unsigned(2));
      return;
    case 0x04: // block4
      bytes.skip(bytes.unsigned(4));
      return;
    case 0x09: // block
    case 0x18: // exprloc
      bytes.skip(bytes.uleb());
      return;
    case 0x0d: // sdata
    case FORM.udata:
    case 0x15: // ref_udata
    case FORM.strx:
    case 0x1b: // addrx
    case 0x22: // loclistx
    case 0x23: // rnglistx
    case 0x1f01: // GNU_addr_index
    case FORM.gnuStrIndex:
      bytes.skipLeb();
      return;
    default:
      bytes.fail(`a value of form 0x${form.toString(16)}`);
  }
}

/** Where a text stands that a value names. `elsewhere` is another file, such as dwz makes. */
export type DwarfTextPlace =
  | { readonly kind: 'inline' | 'str' | 'line_str'; readonly offset: number }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'elsewhere' };

/** True for forms whose value is a text. */
export function isTextForm(form: number): boolean {
  return (
    form === FORM.string ||
    form === FORM.strp ||
    form === FORM.lineStrp ||
    form === FORM.strx ||
    (form >= FORM.strx1 && form <= FORM.strx4) ||
    form === FORM.gnuStrIndex ||
    form === FORM.strpSup ||
    form === FORM.gnuStrpAlt
  );
}

/** Passes over a value of a text's form, and says where the text is. */
export function readTextPlace(bytes: DwarfBytes, form: number, widths: DwarfWidths): DwarfTextPlace {
  const offsetBytes = widths.wide ? 8 : 4;
  switch (form) {
    case FORM.string: {
      const offset = bytes.at;
      bytes.skipText();
      return { kind: 'inline', offset };
    }
    case FORM.strp:
      return { kind: 'str', offset: bytes.unsigned(offsetBytes) };
    case FORM.lineStrp:
      return { kind: 'line_str', offset: bytes.unsigned(offsetBytes) };
    case FORM.strx:
    case FORM.gnuStrIndex:
      return { kind: 'index', index: bytes.uleb() };
    case FORM.strpSup:
    case FORM.gnuStrpAlt:
      bytes.skip(offsetBytes);
      return { kind: 'elsewhere' };
    default:
      return { kind: 'index', index: bytes.unsigned(form - FORM.strx1 + 1) };
  }
}
