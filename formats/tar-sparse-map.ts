import type { ByteReader } from './byte-reader.ts';

const BLOCK_BYTES = 512;
/** A number and its newline: an offset in a file has no more digits. */
const NUMBER_BYTES = 20;

/** True where a member's records say that its map stands before its data. */
export function isMapBefore(type: string, records: ReadonlyMap<string, string>): boolean {
  return type === '0' && records.get('GNU.sparse.major') === '1' && records.get('GNU.sparse.minor') === '0';
}

/** Where data stands, as `offset+bytes`; bytes that were read for it, which is whole blocks. */
type SparseMap = { readonly map: readonly string[]; readonly mapBytes: number };

/**
 * The map that stands before the data of a sparse file in pax format 1.0: the number of its entries, then offset and
 * size of each, decimal, a newline after each, filled up with NULs to a block. At most `bytes` are read. Source: GNU tar
 * manual, "PAX Format, Version 1.0".
 */
export async function readSparseMap(reader: ByteReader, bytes: number): Promise<SparseMap | 'no map' | 'too long'> {
  const numbers: string[] = [];
  let read = 0;
  let rest = '';
  for (let wanted = 1; numbers.length < wanted; ) {
    if (read + BLOCK_BYTES > bytes) return 'too long';
    const block = await reader.read(BLOCK_BYTES);
    if (block.length < BLOCK_BYTES) return 'no map';
    read += BLOCK_BYTES;
    const lines = `${rest}${block.toString('latin1')}`.split('\n');
    rest = lines.pop() as string;
    for (const line of lines) {
      if (numbers.length === wanted || !/^[0-9]{1,20}$/.test(line)) return 'no map';
      numbers.push(line);
      if (numbers.length === 1) wanted = 1 + 2 * Number(line);
    }
    if (numbers.length < wanted && rest.length > NUMBER_BYTES) return 'no map';
  }
  if (!/^\0*$/.test(rest)) return 'no map';
  const map = numbers
    .slice(1)
    .flatMap((offset, index, all) => (index % 2 === 0 ? [`${offset}+${all[index + 1]}`] : []));
  return { map, mapBytes: read };
}
