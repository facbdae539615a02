import { describe, expect, it } from 'vitest';
import { assembled, assemblerOf } from '../../../helpers/assembled-elf.ts';
import { compareAllWays } from '../../../helpers/compare-bytes.ts';

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
