import { ElfRelocations } from '../../../formats/index.ts';
import { type ElfPiece, type ElfSide, pieceBytes, readSymbols } from './elf-side.ts';

const ET_REL = 1;
const SHT_RELA = 4;
const SHT_REL = 9;

/** By machine: relocation types that are an address or offset as it is, and how many bytes it has (the psABIs). */
const ABSOLUTE: Readonly<Record<number, Readonly<Record<number, 4 | 8>>>> = {
  3: { 1: 4 }, // i386
  8: { 2: 4 }, // MIPS
  21: { 1: 4, 38: 8 }, // PowerPC 64
  22: { 4: 4, 22: 8 }, // S/390
  40: { 2: 4 }, // ARM
  62: { 1: 8, 10: 4, 11: 4 }, // x86-64
  183: { 257: 8, 258: 4 }, // AArch64
  243: { 1: 4, 2: 8 }, // RISC-V
  258: { 1: 4, 2: 8 }, // LoongArch
};

/**
 * A section's bytes as the linker would write them: in an object file, where offsets into other sections are still
 * relocations. Others are given back as they are. Throws ELF_*.
 */
export async function relocated(side: ElfSide, piece: ElfPiece, bytes: Buffer): Promise<Buffer> {
  const widths = ABSOLUTE[side.file.machine];
  if (side.file.type !== ET_REL || widths === undefined) return bytes;
  const number = side.names.indexOf(piece.name);
  const tables = [...side.pieces.values()].filter(
    ({ section }) => (section?.type === SHT_REL || section?.type === SHT_RELA) && section.info === number,
  );
  const symbols = tables.length === 0 ? undefined : await readSymbols(side, '.symtab');
  if (symbols === undefined) return bytes;
  const patched = Buffer.from(bytes);
  const little = side.file.endian === 'little';
  for (const table of tables) {
    const content = await pieceBytes(side, table);
    if (content === undefined) continue;
    const withAddend = table.section?.type === SHT_RELA;
    const entries = new ElfRelocations(content, withAddend, side.file);
    for (let index = 0; index < entries.count; index++) {
      const [at, width] = [entries.offset(index), widths[entries.type(index)]];
      // A place past 2 ** 63 is a negative number.
      if (width === undefined || at < 0 || !(at + width <= patched.length)) continue;
      // The low half is enough: no section of debug information that is read reaches 4 GiB.
      const low = little || width === 4 ? at : at + 4;
      const held = withAddend ? entries.addend(index) : little ? patched.readUInt32LE(low) : patched.readUInt32BE(low);
      const value = ((((symbols.value[entries.symbol(index)] ?? 0) + held) % 2 ** 32) + 2 ** 32) % 2 ** 32;
      if (little) patched.writeUInt32LE(value, low);
      else patched.writeUInt32BE(value, low);
    }
  }
  return patched;
}
