import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteSource, RandomReader } from '../../../../compare/byte-source.ts';
import { codeBytes } from '../../../../compare/comparators/binaries/elf-code-bytes.ts';
import type { ElfSide } from '../../../../compare/comparators/binaries/elf-side.ts';
import { fileSource } from '../../../../compare/file-source.ts';
import { bufferSource, explain } from '../../../../compare/index.ts';
import { madeBy } from '../../../helpers/compiled-object.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

const MEBI = 2 ** 20;
const OFFSET = 1000;
const content = Buffer.alloc(3 * MEBI, 'no part of this text is at a multiple of its length; ');

async function inFile(bytes: Uint8Array): Promise<ByteSource> {
  const path = join(await temporaryFolder(), 'x');
  await writeFile(path, bytes);
  return fileSource(path);
}

describe('the code of a section', () => {
  const sideOf = (source: ByteSource): ElfSide => ({ source }) as ElfSide;
  const piece = (size: number) => ({ name: '.text', range: { offset: OFFSET, size }, size, section: undefined });

  it('is the same at any place, whether it is read whole or where it is asked for', async () => {
    const source = await inFile(content);
    const code = await codeBytes(sideOf(source), piece(2 * MEBI), 64 * MEBI);
    expect(code?.size).toBe(2 * MEBI);
    const places = fc.array(fc.tuple(fc.nat(2 * MEBI - 1), fc.oneof(fc.nat(300), fc.nat(400_000))), { minLength: 1 });
    fc.assert(
      fc.property(places, (asked) => {
        for (const [start, most] of asked) {
          const size = Math.min(most, 2 * MEBI - start);
          const expected = content.subarray(OFFSET + start, OFFSET + start + size);
          if (code?.at(start, size).equals(expected) !== true) return false;
          // Functions are asked for one after the other.
          const next = Math.min(200, 2 * MEBI - start - size);
          const after = content.subarray(OFFSET + start + size, OFFSET + start + size + next);
          if (!code.at(start + size, next).equals(after)) return false;
        }
        return true;
      }),
    );
    code?.close();
  });

  it('ends where the file does', async () => {
    const code = await codeBytes(sideOf(await inFile(content)), piece(5 * MEBI), 64 * MEBI);
    expect(code?.size).toBe(content.length - OFFSET);
    code?.close();
  });

  it('is not read past the limit', async () => {
    expect(await codeBytes(sideOf(await inFile(content)), piece(2 * MEBI), MEBI)).toBeUndefined();
  });
});

describe('a gap between functions that is most of a section', () => {
  it('is looked at in pieces', async () => {
    const read: number[] = [];
    const library = async (before: string, last: number): Promise<ByteSource> => {
      const source = `${before}.type f, @function\nf: .long 1\n.size f, 4\n.skip ${8 * MEBI}\n.long ${last}\n`;
      const commands = [['gcc', '-shared', '-nostdlib', '-o', 'x.so', 'x.s']] as const;
      const bytes = madeBy(commands, { 'x.s': source }, ['x.so']).made[0] as Buffer;
      // Of a machine whose instructions are not read.
      bytes.writeUInt16LE(243, 18);
      const file = await inFile(bytes);
      const random = (): RandomReader => {
        const reader = (file.random as () => RandomReader)();
        return {
          ...reader,
          read: (target, start) => {
            read.push(target.length);
            return reader.read(target, start);
          },
        };
      };
      return { ...file, name: 'x.so', random };
    };
    const found = await explain(await library('', 1), await library('.long 1\n', 2));
    const text = found.children.find(({ path }) => path === '.text');
    expect(text?.detail).toMatch(/^functions: 1 equal, 1 differ, 1 only on one side$/);
    expect(Math.max(...read)).toBeLessThan(MEBI);
  });
});

describe('two large libraries', () => {
  /** Functions of some hundred bytes each; two of them are others, and all after the first stand elsewhere. */
  const library = (changed: string): Buffer => {
    const functions = Array.from({ length: 6_000 }, (_, at) => {
      const other = at === 30 || at === 5_000 ? changed : '';
      return `.globl f${at}\n.type f${at}, @function\nf${at}: .rept 60\nmov $${at}, %eax\n.endr\n${other}\nret\n.size f${at}, .-f${at}\n`;
    });
    const commands = [['gcc', '-shared', '-nostdlib', '-o', 'x.so', 'x.s']] as const;
    return madeBy(commands, { 'x.s': `.text\n${functions.join('')}` }, ['x.so']).made[0] as Buffer;
  };

  it('are told alike from files and from memory', async () => {
    const [left, right] = [library(''), library('inc %eax')];
    const found = await explain(bufferSource('x.so', left), bufferSource('x.so', right));
    const text = found.children.find(({ path }) => path === '.text');
    expect(text?.detail).toBe('functions: 5,998 equal, 0 differ only by addresses, 2 differ, 0 only on one side');
    const files = [await inFile(left), await inFile(right)].map((source) => ({ ...source, name: 'x.so' }));
    expect(await explain(files[0] as ByteSource, files[1] as ByteSource)).toEqual(found);
  });
});
