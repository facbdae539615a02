import { DwarfBytes } from './dwarf-bytes.ts';
import type { DwarfTextPlace } from './dwarf-forms.ts';

/** The sections of debug information that a unit's texts stand in, unpacked and relocated; empty where there are none. */
export type DwarfSections = {
  readonly little: boolean;
  readonly info: Buffer;
  readonly abbrev: Buffer;
  readonly str: Buffer;
  readonly lineStr: Buffer;
  readonly strOffsets: Buffer;
};

/** Bytes of a text that are kept. */
const TEXT_BYTES = 64 * 1024;

/** Where the texts that an index names are listed: a unit's base in .debug_str_offsets, 7.26. */
export type TextIndex = { readonly base: number; readonly wide: boolean };

/** The bytes of a text, not copied, without the zero at its end; what it is missing where it cannot be followed. */
export function dwarfText(
  place: DwarfTextPlace,
  { sections, index }: { readonly sections: DwarfSections; readonly index: TextIndex },
): Buffer | 'elsewhere' | 'outside' {
  switch (place.kind) {
    case 'elsewhere':
      return 'elsewhere';
    case 'inline':
      return upToZero(sections.info, place.offset);
    case 'str':
      return upToZero(sections.str, place.offset);
    case 'line_str':
      return upToZero(sections.lineStr, place.offset);
    case 'index': {
      const size = index.wide ? 8 : 4;
      const offsets = new DwarfBytes(sections.strOffsets, { section: '.debug_str_offsets', little: sections.little });
      const at = index.base + place.index * size;
      if (!(at + size <= offsets.end)) return 'outside';
      offsets.at = at;
      return upToZero(sections.str, offsets.unsigned(size));
    }
    default:
      return place satisfies never;
  }
}

function upToZero(table: Buffer, offset: number): Buffer | 'outside' {
  if (!(offset < table.length)) return 'outside';
  const window = table.subarray(offset, offset + TEXT_BYTES);
  const zero = window.indexOf(0);
  return zero < 0 ? window : window.subarray(0, zero);
}
