import { ElfRelocations, elfSymbolName, STT_SECTION } from '../../../formats/index.ts';
import { escapeName } from '../../escape.ts';
import { type ElfSide, pieceBytes, readSymbols, sectionLabel } from './elf-side.ts';

const [SHT_RELA, SHT_REL] = [4, 9];

/** What will be filled in at an offset of a section, escaped; undefined where nothing will. */
export type RelocatedName = (offset: number) => string | undefined;

/** Reads the relocations of a section of an object file. Throws ELF_*. */
export async function relocatedNames(side: ElfSide, section: string): Promise<RelocatedName> {
  const symbols = await readSymbols(side, '.symtab');
  const names = new Map<number, number>();
  for (const piece of side.pieces.values()) {
    const { type, info } = piece.section ?? { type: 0, info: 0 };
    if ((type !== SHT_RELA && type !== SHT_REL) || side.names[info] !== section) continue;
    const bytes = await pieceBytes(side, piece);
    if (bytes === undefined) continue;
    const table = new ElfRelocations(bytes, type === SHT_RELA, side.file);
    for (let index = 0; index < table.count; index++)
      if (table.symbol(index) > 0) names.set(table.offset(index), table.symbol(index));
  }
  return (offset) => {
    const symbol = names.get(offset) ?? 0;
    if (symbols === undefined || symbol === 0 || symbol >= symbols.count) return undefined;
    const isSection = ((symbols.info[symbol] as number) & 15) === STT_SECTION;
    return isSection
      ? sectionLabel(side, symbols.section[symbol] as number)
      : escapeName(elfSymbolName(symbols, symbol));
  };
}
