import { ReproofError } from '../model/index.ts';

/** A symbol of a static library, and where the header of the member that defines it is said to start. */
export type ArSymbol = { readonly name: string; readonly memberOffset: number };

/** How a symbol table is written: GNU's / and /SYM64/, BSD's __.SYMDEF. */
export type ArSymbolFormat = 'gnu' | 'gnu-64' | 'bsd';

/**
 * The symbols of a static library's symbol table, in its order; names are latin1. `bytes` is the member's content.
 * Throws FORMAT_MALFORMED, its context holding `offset`. Source: binutils bfd/archive.c (bfd_slurp_armap,
 * do_slurp_bsd_armap, bfd_elf64_archive_slurp_armap); of BSD's the little-endian kind.
 */
export function readArSymbols(bytes: Buffer, format: ArSymbolFormat): readonly ArSymbol[] {
  return format === 'bsd' ? readBsd(bytes) : readGnu(bytes, format === 'gnu' ? 4 : 8);
}

function readGnu(bytes: Buffer, width: 4 | 8): readonly ArSymbol[] {
  const number = (offset: number): number =>
    width === 4 ? bytes.readUInt32BE(offset) : Number(bytes.readBigUInt64BE(offset));
  if (bytes.length < width) throw malformed('number of symbols', 0);
  const count = number(0);
  let name = width * (count + 1);
  if (name > bytes.length) throw malformed('offsets of members', 0);
  const symbols: ArSymbol[] = [];
  for (let index = 0; index < count; index++) {
    const end = bytes.indexOf(0, name);
    if (end < 0) throw malformed('symbol name', name);
    symbols.push({ name: bytes.toString('latin1', name, end), memberOffset: number(width * (index + 1)) });
    name = end + 1;
  }
  return symbols;
}

function readBsd(bytes: Buffer): readonly ArSymbol[] {
  if (bytes.length < 8) throw malformed('size of the table', 0);
  const tableBytes = bytes.readUInt32LE(0);
  const names = 4 + tableBytes + 4;
  if (tableBytes % 8 !== 0 || names > bytes.length) throw malformed('size of the table', 0);
  const symbols: ArSymbol[] = [];
  let nameBytes = 0;
  for (let entry = 4; entry < names - 4; entry += 8) {
    const start = names + bytes.readUInt32LE(entry);
    const end = start >= bytes.length ? -1 : bytes.indexOf(0, start);
    nameBytes += end - start;
    // Many entries that name one long string would copy it many times.
    if (end < 0 || nameBytes > bytes.length) throw malformed('symbol name', entry);
    symbols.push({ name: bytes.toString('latin1', start, end), memberOffset: bytes.readUInt32LE(entry + 4) });
  }
  return symbols;
}

function malformed(what: string, offset: number): ReproofError {
  const message = `reading ${what} of a symbol table at byte ${offset}: it is not there`;
  return new ReproofError('FORMAT_MALFORMED', message, { context: { offset } });
}
