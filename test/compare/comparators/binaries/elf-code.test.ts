import { describe, expect, it } from 'vitest';
import { bufferSource, type CompareLimits, explain } from '../../../../compare/index.ts';
import type { Difference } from '../../../../model/index.ts';
import { assembled, assemblerOf } from '../../../helpers/assembled-elf.ts';
import { mirror } from '../../../helpers/mirror.ts';

const compare = (left: Uint8Array, right: Uint8Array, limits: Partial<CompareLimits> = {}): Promise<Difference> =>
  explain(bufferSource('tool', left), bufferSource('tool', right), { limits });

const child = (node: Difference | undefined, path: string): Difference | undefined =>
  node?.children.find((one) => one.path === path);

const DYNAMIC = ['-shared', '--no-eh-frame-hdr'];
const DATA = '.section .rodata\none: .asciz "first text"\nother: .asciz "second text"\n';
const program = (bodies: Readonly<Record<string, string>>, ...options: string[]): Buffer =>
  assembled(assemblerOf(bodies) + DATA, [...DYNAMIC, ...options]);

const caller = 'call helped\nlea one(%rip), %rdi';
const bodies = { begin: 'nop', calling: caller, helped: 'mov $1, %eax', last: 'mov $2, %eax' };

describe('explaining how the code of two ELF files differs', () => {
  it('tells functions that only moved from those whose instructions differ', async () => {
    const right = { ...bodies, begin: 'nop\nmov $7, %ecx\nmov $8, %edx' };
    const text = child(await compare(program(bodies), program(right)), '.text');
    expect(text?.detail).toBe('functions: 2 equal, 1 differ only by addresses, 1 differ, 0 only on one side');
    expect(text?.children.map((node) => node.path)).toEqual(['begin']);
    expect(child(text, 'begin')?.diff).toBe('@@ -1,2 +1,4 @@\n nop\n+mov $0x7,%ecx\n+mov $0x8,%edx\n ret\n');
  });

  it('knows the functions of a kernel, whose addresses are in the upper half', async () => {
    const kernel = (all: Readonly<Record<string, string>>): Buffer =>
      assembled(assemblerOf(all), ['-Ttext=0xffffffff81000000', '-e', 'begin']);
    const old = { begin: 'nop', calling: 'call helped', helped: 'mov $1, %eax', last: 'call helped' };
    const text = child(await compare(kernel(old), kernel({ ...old, helped: 'mov $2, %eax\nnop' })), '.text');
    expect(text?.detail).toBe('functions: 2 equal, 1 differ only by addresses, 1 differ, 0 only on one side');
    expect(child(text, 'helped')?.diff).toContain('-mov $0x1,%eax\n+mov $0x2,%eax\n+nop\n');
    const moved = child(
      await compare(kernel(old), kernel({ ...old, begin: 'nop\nnop', calling: 'call last' })),
      '.text',
    );
    expect(child(moved, 'calling')?.diff).toContain('-call <helped>\n+call <last>\n');
    expect(child(moved, 'calling')?.fields?.[0]).toMatchObject({
      name: 'address',
      left: '0xffffffff81000002',
      right: '0xffffffff81000003',
    });
  });

  it('names the one function that a flipped byte is in', async () => {
    const left = program(bodies);
    const right = Buffer.from(left);
    const at = right.indexOf(Buffer.from('b802000000c3', 'hex'));
    right.writeUInt8(3, at + 1);
    const found = await compare(left, right);
    expect(found.children.map((node) => node.path)).toEqual(['.text']);
    expect(child(found.children[0], 'last')?.diff).toBe('@@ -1,2 +1,2 @@\n-mov $0x2,%eax\n+mov $0x3,%eax\n ret\n');
  });

  it.each([
    ['function', { ...bodies, calling: caller.replace('helped', 'last') }, '-call <helped>\n+call <last>\n'],
    [
      'text',
      { ...bodies, calling: caller.replace('one', 'other') },
      '-lea <"first text">(%rip),%rdi\n+lea <"second text">(%rip),%rdi\n',
    ],
  ])('does not take another %s that is referred to for a shift', async (_what, right, diff) => {
    const text = child(await compare(program(bodies), program(right)), '.text');
    expect(child(text, 'calling')).toMatchObject({ detail: 'the same instructions refer to something else' });
    expect(child(text, 'calling')?.diff).toContain(diff);
  });

  it('takes a text of another length, to which the same instructions refer, for data and not for code', async () => {
    const built = (host: string): Buffer =>
      assembled(
        `${assemblerOf({ telling: 'lea host(%rip), %rdi\nlea after(%rip), %rsi', last: 'mov $2, %eax' })}
.section .rodata
host: .asciz "${host}"
after: .asciz "a text that stands after it"
`,
        [...DYNAMIC, '-s'],
      );
    const found = await compare(built('builder-one'), built('another-builder'));
    const text = child(found, '.text');
    expect(text?.detail).toMatch(/ 1 differ, 0 only on one side$/);
    expect(text?.reasons).toEqual([{ kind: 'data', evidence: 'the same instructions refer to other texts' }]);
    expect(JSON.stringify(child(text as Difference, 'function without a name (1)')?.diff)).toContain('another-builder');
  });

  it('takes a call of equal bytes for another one where another function stands there now', async () => {
    const near = { calling: 'call helped', helped: 'mov $1, %eax', last: 'mov $2, %eax' };
    const right = { calling: 'call last', last: near.last, helped: near.helped };
    const text = child(await compare(program(near), program(right)), '.text');
    expect(text?.detail).toBe('functions: 2 equal, 0 differ only by addresses, 1 differ, 0 only on one side');
    expect(child(text, 'calling')?.diff).toContain('-call <helped>\n+call <last>\n');
  });

  it.each([
    ['variable', '.data', 'mov first(%rip), %eax', '.data'],
    ['text that begins alike', '.section .rodata', 'lea first(%rip), %rdi', '.rodata'],
    ['variable without content', '.bss', 'mov first(%rip), %eax', '.bss'],
  ])('does not take another %s of an equal section for a shift', async (_what, section, load, name) => {
    const content = (end: string): string => (name === '.bss' ? '.skip 82' : `.asciz "${'x'.repeat(80)}${end}"`);
    const data = `${section}\nfirst: ${content('1')}\nsecond: ${content('2')}\n`;
    const file = (code: string): Buffer => assembled(assemblerOf({ loading: code }) + data, [...DYNAMIC, '-s']);
    const found = await compare(file(load), file(load.replace('first', 'second')));
    const loading = child(child(found, '.text'), 'function without a name (1)');
    expect(loading?.detail).toBe('the same instructions refer to something else');
    if (name !== '.rodata') expect(loading?.diff).toContain(`<${name}+0x52>`);
  });

  it('takes no address outside of all sections for another one there, but where its section ends elsewhere', async () => {
    const referring = (place: string, more = ''): Buffer =>
      assembled(
        `.hidden _end\n${assemblerOf({ ...bodies, calling: `lea ${place}(%rip), %rdi` })}${DATA}.data\n${more}.quad 1\n`,
        [...DYNAMIC],
      );
    const found = child(await compare(referring('_end+0x7000000'), referring('_end+0x7000040')), '.text');
    expect(found?.detail).toBe('functions: 3 equal, 0 differ only by addresses, 1 differ, 0 only on one side');
    expect(child(found, 'calling')?.diff).toMatch(/^-lea <0x7\w+, in no section>\(%rip\),%rdi$/m);
    const grown = child(await compare(referring('_end'), referring('_end', '.quad 2\n')), '.text');
    expect(grown?.reasons?.map(({ kind }) => kind)).toEqual(['addresses']);
  });

  it('names the variable that is referred to where its section differs too', async () => {
    const file = (load: string, value: number): Buffer => {
      const variable = (name: string): string => `.type ${name}, @object\n${name}: .long ${value}\n.size ${name}, 4\n`;
      return assembled(`${assemblerOf({ loading: load })}.data\n${variable('first')}${variable('second')}`, DYNAMIC);
    };
    const found = await compare(file('mov first(%rip), %eax', 1), file('mov second(%rip), %eax', 2));
    const loading = child(child(found, '.text'), 'loading');
    expect(loading?.diff).toContain('-mov <first>(%rip),%eax\n+mov <second>(%rip),%eax\n');
  });

  it.each([
    ['instructions that the compiler chose', 'mov $7, %ecx\nmov $8, %edx', undefined],
    ['texts that are named one by one', 'lea other(%rip), %rdi\nlea one(%rip), %rdi', 'order'],
  ])('says of %s in another order what it shows', async (_what, lines, kind) => {
    const swapped = lines.split('\n').toReversed().join('\n');
    const text = child(
      await compare(program({ ...bodies, begin: lines }), program({ ...bodies, begin: swapped })),
      '.text',
    );
    expect(child(text, 'begin')?.reasons?.[0]?.kind).toBe(kind);
  });

  it('pairs functions without names by what they do', async () => {
    const right = { ...bodies, helped: 'mov $1, %eax\nmov $5, %ecx', added: 'mov $9, %ebx' };
    const text = child(await compare(program(bodies, '-s'), program(right, '-s')), '.text');
    expect(text?.detail).toBe('functions: 3 equal, 0 differ only by addresses, 1 differ, 1 only on one side');
    expect(text?.children).toMatchObject([{ path: 'function without a name (1)', kind: 'elf-function' }]);
  });

  it('says how many functions on one side it does not list', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_003 }, (_, at) => [`more${at}`, `mov $${at}, %eax`]));
    const text = child(await compare(program(bodies), program({ ...bodies, ...many })), '.text');
    expect(text?.detail).toMatch(/ 1,003 only on one side$/);
    expect(text?.notes).toContain('3 more names of functions on one side are not listed');
  });

  it('takes functions of an empty name for such without one', async () => {
    const nameless = (all: Readonly<Record<string, string>>): Buffer => {
      const bytes = program(all, '--strip-debug');
      // Only the names of those in .symtab, from its first global one on: the last table of names but one.
      for (const name of Object.keys(all))
        bytes.fill(0, bytes.lastIndexOf(`\0${name}\0`) + 1, bytes.lastIndexOf(`\0${name}\0`) + 1 + name.length);
      return bytes;
    };
    const { begin, helped, last } = { begin: 'mov $3, %eax', helped: 'mov $1, %eax', last: 'mov $2, %eax' };
    const text = child(await compare(nameless({ begin, helped, last }), nameless({ last, begin, helped })), '.text');
    expect(text?.detail).toBe('functions: 3 equal, 0 differ only by addresses, 0 differ, 0 only on one side');
  });

  it('compares the functions of object files', async () => {
    const [left, right] = [bodies, { ...bodies, last: 'mov $4, %eax' }].map((each) =>
      assembled(assemblerOf(each) + DATA),
    );
    const text = child(await compare(left as Buffer, right as Buffer), '.text');
    expect(text?.children.map((node) => node.path)).toEqual(['last']);
  });

  it('says so where instructions that differ are shown alike', async () => {
    // mov %eax, %ebx, of which either operand may be the one that the second byte names first
    const file = (bytes: string): Buffer => program({ ...bodies, last: `.byte ${bytes}` });
    const last = child(child(await compare(file('0x89, 0xc3'), file('0x8b, 0xd8')), '.text'), 'last');
    expect(last?.diff).toBeUndefined();
    expect(last?.notes).toEqual([
      expect.stringMatching(/^shown alike on both sides: .*, or how instructions are encoded$/),
    ]);
  });

  it('names what code of object files will refer to, which is not written yet', async () => {
    const source = (value: number): string =>
      assemblerOf({
        calling: `mov $${value}, %eax\ncall elsewhere\nlea one(%rip), %rdi\njmp elsewhere\nmov %rax, named(%rip)`,
      });
    const text = child(await compare(assembled(source(1) + DATA), assembled(source(2) + DATA)), '.text');
    expect(child(text, 'calling')?.diff).toBe(
      '@@ -1,4 +1,4 @@\n-mov $0x1,%eax\n+mov $0x2,%eax\n' +
        ' call <elsewhere>\n lea <.rodata>(%rip),%rdi\n jmp <elsewhere>\n',
    );
  });

  describe('of a large section of which little differs', () => {
    const wide = { ...bodies, wide: '.skip 5 << 20, 0x90', end: 'mov $3, %eax\ncall helped' };
    const left = program(wide);
    const flipped = (hex: string, at: number, value: number): Buffer => {
      const right = Buffer.from(left);
      right.writeUInt8(value, right.indexOf(Buffer.from(hex, 'hex')) + at);
      return right;
    };

    it('names the function that differs, shows its instructions and where the bytes are', async () => {
      const text = child(await compare(left, flipped('b803000000', 1, 4)), '.text');
      expect(text?.detail).toBe('functions: 1 differ, the rest of the section is equal');
      expect(text?.notes).toEqual(['differing functions with names: end']);
      expect(child(text, 'end')?.diff).toContain('-mov $0x3,%eax\n+mov $0x4,%eax\n');
      expect(child(text, '.text')?.detail).toMatch(/^first difference at byte \d+; 1 of \d+ bytes differ in place/);
    });

    it('takes a call of another address for what it is, though nothing there was read', async () => {
      const at = left.indexOf(Buffer.from('b803000000e8', 'hex'));
      const text = child(await compare(left, flipped('b803000000e8', 6, (left[at + 6] as number) ^ 8)), '.text');
      expect(child(text, 'end')).toMatchObject({ detail: 'instructions differ' });
      expect(child(text, 'end')?.diff).toMatch(/-call <\.text\+0x[0-9a-f]+>\n\+call <\.text\+0x[0-9a-f]+>\n/);
    });

    it('reads the same with the sides swapped', async () => {
      const right = flipped('b803000000', 1, 4);
      expect(await compare(right, left)).toEqual(mirror(await compare(left, right)));
    });
  });

  it('says that functions stand in another order, where what they refer to has moved with them', async () => {
    const [short, long] = ['mov $2, %eax', 'mov $3, %eax\nmov $4, %ecx'];
    const order = { kind: 'order', evidence: 'the same functions in another order' };
    for (const option of ['-s', '-E']) {
      const first = program({ calling: caller, helped: long, last: short }, option);
      const text = child(
        await compare(first, program({ last: short, helped: long, calling: caller }, option)),
        '.text',
      );
      expect(text?.detail).toContain(' 1 differ only by addresses, 0 differ, 0 only on one side');
      expect(text?.reasons?.[0]).toEqual(order);
      const body = assemblerOf({ calling: caller, helped: long, last: short });
      const moved = assembled(`${body}.section .rodata\n.skip 16, 0x31\n${DATA}`, [...DYNAMIC, option]);
      const [shifted] = child(await compare(first, moved), '.text')?.reasons ?? [];
      expect(shifted?.kind).toBe('addresses');
    }
  });

  it('says that instructions are not shown when no program may be run', async () => {
    const found = await compare(program(bodies), program({ ...bodies, last: 'mov $4, %eax' }), { programRuns: 0 });
    const text = child(found, '.text');
    expect(text?.notes).toContain('instructions are not shown: no more programs may be run');
    expect(text?.notes).toContain('differing functions with names: last');
    expect(text?.children).toEqual([]);
  });

  it.each([
    ['longer', { ...bodies, begin: 'nop\nmov $7, %ecx' }],
    ['in another order', { last: bodies.last, begin: bodies.begin, helped: bodies.helped, calling: bodies.calling }],
    ['gone', { begin: bodies.begin, calling: bodies.calling, helped: bodies.helped }],
    ['otherwise', { ...bodies, calling: caller.replace('helped', 'last'), last: 'mov $3, %eax' }],
  ])('reads the same with the sides swapped when a function is %s', async (_what, other) => {
    for (const option of ['-s', '-E']) {
      const [left, right] = [program(bodies, option), program(other, option)];
      expect(await compare(right, left)).toEqual(mirror(await compare(left, right)));
    }
  });
});
