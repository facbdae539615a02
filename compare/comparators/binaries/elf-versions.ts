import { type ElfVersions, parseElfDefinitions, parseElfNeeds } from '../../../formats/index.ts';
import { type ElfSide, linkedNames, pieceBytes } from './elf-side.ts';

/** What .gnu.version_r or .gnu.version_d says; nothing where it is absent. Throws ELF_*. */
export async function readVersions(side: ElfSide, name: '.gnu.version_r' | '.gnu.version_d'): Promise<ElfVersions> {
  const piece = side.pieces.get(name);
  const names = linkedNames(side, piece);
  const none = { byNumber: new Map<number, string>(), lines: [] };
  if (piece === undefined || names === undefined) return none;
  const [bytes, strings] = [await pieceBytes(side, piece), await pieceBytes(side, names)];
  if (bytes === undefined || strings === undefined) return none;
  const parse = name === '.gnu.version_r' ? parseElfNeeds : parseElfDefinitions;
  return parse({ bytes, names: strings }, side.file);
}

/** What follows the name of the dynamic symbol of that index, such as "@GLIBC_2.34". */
export async function readSymbolVersions(side: ElfSide): Promise<(index: number) => string> {
  const piece = side.pieces.get('.gnu.version');
  const numbers = piece === undefined ? undefined : await pieceBytes(side, piece);
  if (numbers === undefined) return () => '';
  const needs = await readVersions(side, '.gnu.version_r');
  const own = await readVersions(side, '.gnu.version_d');
  const little = side.file.endian === 'little';
  return (index) => {
    if (2 * index + 2 > numbers.length) return '';
    const number = (little ? numbers.readUInt16LE(2 * index) : numbers.readUInt16BE(2 * index)) & 0x7fff;
    if (number < 2) return '';
    return `@${own.byNumber.get(number) ?? needs.byNumber.get(number) ?? number}`;
  };
}
