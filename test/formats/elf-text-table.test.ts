import { describe, expect, it } from 'vitest';
import {
  type ElfForm,
  elfSymbolName,
  parseElfDefinitions,
  parseElfDynamic,
  parseElfNeeds,
  parseElfSymbols,
  readElf,
} from '../../formats/index.ts';
import { chunksOf } from '../helpers/chunks.ts';
import { smallElf } from '../helpers/small-elf.ts';

const FORM = { bits: 64, endian: 'little' } as const satisfies ElfForm;
const LONG_BYTES = 2 ** 20;
/** One text, in which others begin at each byte. */
const names = Buffer.from(`\0${'a'.repeat(LONG_BYTES)}\0`);
const COUNT = 100;
const passes = expect.objectContaining({ code: 'ELF_LIMIT', message: expect.stringContaining('texts in a table') });

function rows(count: number, bytes: number, fill: (row: Buffer, index: number) => void): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, index) => {
      const row = Buffer.alloc(bytes);
      fill(row, index);
      return row;
    }),
  );
}

describe('a table of texts that begin in each other', () => {
  it('is given up where the names of symbols are far longer together than the table', () => {
    const symbols = (count: number): Buffer => rows(count, 24, (row, index) => row.writeUInt32LE(1 + index, 0));
    expect(() => parseElfSymbols({ symbols: symbols(COUNT), names }, FORM, 1_000)).toThrow(passes);
    const few = parseElfSymbols({ symbols: symbols(3), names }, FORM, 1_000);
    expect(elfSymbolName(few, 2)).toHaveLength(LONG_BYTES - 2);
  });

  it('is read where very many symbols share short names', () => {
    const symbols = rows(10_000, 24, (row, index) => row.writeUInt32LE(LONG_BYTES - (index % 50), 0));
    expect(parseElfSymbols({ symbols, names }, FORM, 10_000).count).toBe(10_000);
  });

  it('is given up where the names of libraries are', () => {
    const needed = rows(COUNT, 16, (row, index) => row.writeUInt32LE(1, 0) && row.writeUInt32LE(1 + index, 8));
    expect(() => parseElfDynamic(needed, names, FORM)).toThrow(passes);
  });

  it('is given up where the library of very many versions has a long name', () => {
    const need = Buffer.from([1, 0, COUNT, 0, 1, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0]);
    const versions = rows(COUNT, 16, (row) => row.writeUInt32LE(LONG_BYTES - 2, 8) && row.writeUInt32LE(16, 12));
    expect(() => parseElfNeeds({ bytes: Buffer.concat([need, versions]), names }, FORM)).toThrow(passes);
  });

  it('is given up where a version, which stands after the names of symbols, is longer than any', () => {
    const long = expect.objectContaining({
      code: 'ELF_LIMIT',
      message: expect.stringContaining('255 bytes of a version'),
    });
    const need = Buffer.from([1, 0, 1, 0, LONG_BYTES & 255, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0]);
    const version = rows(1, 16, (row) => row.writeUInt32LE(1, 8));
    expect(() => parseElfNeeds({ bytes: Buffer.concat([need, version]), names }, FORM)).toThrow(long);
    const own = rows(1, 28, (row) => row.writeUInt16LE(1, 6) && row.writeUInt32LE(20, 12) && row.writeUInt32LE(1, 20));
    expect(() => parseElfDefinitions({ bytes: own, names }, FORM)).toThrow(long);
  });

  it('is given up where the names of sections are', async () => {
    const part = { name: 'a', type: 1, bytes: new Uint8Array(0) };
    const parts = [{ ...part, name: 'a'.repeat(LONG_BYTES) }, ...Array.from({ length: COUNT }, () => part)];
    const file = smallElf(parts, FORM);
    const table = Number(file.readBigUInt64LE(40));
    for (let index = 1; index <= COUNT; index++) file.writeUInt32LE(index, table + index * 64);
    const limits = { sections: 1_000, nameBytes: 2 ** 24, noteBytes: 2 ** 20 };
    const read = readElf((start) => chunksOf(file.subarray(start), 2 ** 16), limits);
    await expect(read).rejects.toEqual(passes);
  });
});
