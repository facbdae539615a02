import { describe, expect, it } from 'vitest';
import { assembled, assemblerOf } from '../../../helpers/assembled-elf.ts';
import { compareAllWays, reasonsOf } from '../../../helpers/compare-bytes.ts';

/** Variables that are filled with addresses of an exported one, whose relocations bear its name. */
const WORDS = `.data
.globl shared
.type shared, @object
.size shared, 16
shared: .quad 1, 2
first: .quad shared
second: .quad shared
third: .quad shared + 8
`;

const library = (word: string): Buffer =>
  assembled(assemblerOf({ reading: `mov ${word}(%rip), %rax`, last: 'mov $2, %eax' }) + WORDS, ['-shared', '-s']);

describe('what code of an ELF file refers to', () => {
  it.each(['second', 'third'])('is another variable where two hold an address of one symbol: %s', async (word) => {
    const [text] = (await compareAllWays(library('first'), library(word))).children;
    expect(text?.detail).toBe('functions: 1 equal, 0 differ only by addresses, 1 differ, 0 only on one side');
    expect(text?.reasons).toEqual([{ kind: 'code', evidence: 'the same instructions refer to something else' }]);
  });
});

describe('pointers that are equal on both sides', () => {
  const POINTER = '.data\n.globl pointer\n.hidden pointer\npointer: .quad first\n';
  const bodies = { calling: 'call *pointer(%rip)', first: 'mov $1, %eax', second: 'mov $2, %eax' };
  const program = (all: Readonly<Record<string, string>>, target: string, ...options: string[]): Buffer =>
    assembled(assemblerOf(all) + POINTER.replace('first', target), ['-pie', '-e', 'calling', ...options]);

  it.each([
    ['entries', '-z', 'nopack-relative-relocs'],
    ['maps', '-z', 'pack-relative-relocs'],
  ])('are told where functions changed places, but they did not: relocations as %s', async (_what, ...options) => {
    const swapped = { calling: bodies.calling, second: bodies.second, first: bodies.first };
    const misled = { kind: 'code', evidence: 'equal pointers lead to other functions now: 1' };
    for (const strip of [[], ['-s']]) {
      const left = program(bodies, 'first', ...options, ...strip);
      const found = await compareAllWays(left, program(swapped, 'second', ...options, ...strip));
      expect(reasonsOf(found.children.find(({ path }) => path === '.text') ?? found)).toContainEqual(misled);
      expect(reasonsOf(await compareAllWays(left, program(swapped, 'first', ...options, ...strip)))).not.toContainEqual(
        misled,
      );
    }
  });
});

describe('where a program begins', () => {
  it('is no matter of layout in code that is equal', async () => {
    const program = (entry: string): Buffer =>
      assembled(assemblerOf({ first: 'mov $1, %eax', second: 'mov $2, %eax' }), ['-e', entry, '-s']);
    const found = await compareAllWays(program('first'), program('second'));
    expect(found.children.map(({ path }) => path)).toEqual(['(file header)']);
    expect(reasonsOf(found)).toEqual([{ kind: 'code', evidence: 'the entry address is another place in the code' }]);
    expect(found.children[0]?.detail).toBe('content differs');
  });
});
