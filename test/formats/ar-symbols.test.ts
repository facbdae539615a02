import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type ArSymbolFormat, readAr, readArSymbols } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';
import { chunksOf } from '../helpers/chunks.ts';

const folder = mkdtempSync(join(tmpdir(), 'ar-symbols-'));
afterAll(() => rmSync(folder, { recursive: true }));

const gnu = Buffer.from('\0\0\0\x02\0\0\0\x44\0\0\0\x88one\0two\0', 'latin1');
const gnu64 = Buffer.from(`${'\0'.repeat(7)}\x01${'\0'.repeat(7)}\x44one\0`, 'latin1');
const bsd = Buffer.from('\x10\0\0\0\0\0\0\0\x44\0\0\0\x04\0\0\0\x88\0\0\0\x08\0\0\0one\0two\0', 'latin1');

describe('reading the symbol table of a static library', () => {
  it.each<[ArSymbolFormat, Buffer, string]>([
    ['gnu', gnu, 'one 68, two 136'],
    ['gnu-64', gnu64, 'one 68'],
    ['bsd', bsd, 'one 68, two 136'],
  ])('reads what %s writes', (format, bytes, expected) => {
    const symbols = readArSymbols(bytes, format).map(({ name, memberOffset }) => `${name} ${memberOffset}`);
    expect(symbols.join(', ')).toBe(expected);
  });

  it('names the members that nm names', async () => {
    const objects = ['one', 'two'].map((name) => {
      const input = `.globl ${name}, ${name}_more\n${name}:\n${name}_more:\n .byte 1\n`;
      execFileSync('as', ['-o', join(folder, `${name}.o`), '-'], { input });
      return `${name}.o`;
    });
    execFileSync('ar', ['rcs', 'x.a', ...objects], { cwd: folder });
    const bytes = readFileSync(join(folder, 'x.a'));
    const members = new Map<number, string>();
    let table = Buffer.alloc(0);
    for await (const member of readAr(chunksOf(bytes, 1000), { members: 1e4, nameBytes: 1e6, memberBytes: 1e8 })) {
      members.set(member.offset, member.name);
      if (member.kind !== 'symbol-table') continue;
      for await (const piece of member.content) table = Buffer.concat([table, piece]);
    }
    const read = readArSymbols(table, 'gnu').map(({ name, memberOffset }) => `${name} in ${members.get(memberOffset)}`);
    const judged = execFileSync('nm', ['--print-armap', 'x.a'], { cwd: folder, encoding: 'utf8' }).split('\n');
    expect(read.length).toBe(4);
    expect(read).toEqual(judged.filter((line) => / in /.test(line)));
  });

  it.each<[ArSymbolFormat, Buffer]>([
    ['gnu', gnu],
    ['gnu-64', gnu64],
    ['bsd', bsd],
  ])('refuses a table of %s cut anywhere', (format, bytes) => {
    for (let length = 0; length < bytes.length; length++)
      expect(() => readArSymbols(bytes.subarray(0, length), format), `cut at ${length}`).toThrow(
        expect.objectContaining({ code: 'FORMAT_MALFORMED' }),
      );
  });

  it('refuses entries that all name one long string', () => {
    const bytes = Buffer.concat([
      Buffer.from('\x10\0\0\0', 'latin1'),
      Buffer.alloc(20),
      Buffer.from(`${'n'.repeat(40)}\0`),
    ]);
    expect(() => readArSymbols(bytes, 'bsd')).toThrow(expect.objectContaining({ code: 'FORMAT_MALFORMED' }));
  });

  it('throws nothing but its own errors', () => {
    const formats = fc.constantFrom<ArSymbolFormat>('gnu', 'gnu-64', 'bsd');
    fc.assert(
      fc.property(formats, fc.uint8Array({ maxLength: 64 }), (format, bytes) => {
        try {
          readArSymbols(Buffer.from(bytes), format);
        } catch (error) {
          expect(isReproofError(error, 'FORMAT_MALFORMED')).toBe(true);
        }
      }),
    );
  });
});
