import { describe, expect, it } from 'vitest';
import { bufferSource, type CompareLimits, explain } from '../../../../compare/index.ts';
import type { Difference } from '../../../../model/index.ts';
import { assembled } from '../../../helpers/assembled-elf.ts';
import { madeBy } from '../../../helpers/compiled-object.ts';
import { mirror } from '../../../helpers/mirror.ts';

const compare = (left: Uint8Array, right: Uint8Array, limits: Partial<CompareLimits> = {}): Promise<Difference> =>
  explain(bufferSource('tool', left), bufferSource('tool', right), { limits });

const child = (node: Difference, path: string): Difference | undefined =>
  node.children.find((one) => one.path === path);

type Library = { readonly soname?: string; readonly text?: string; readonly compiler?: string; readonly more?: string };

/** A shared library with an exported function, a string and the compiler's name. */
function library({ soname = 'liba.so.1', text = 'hello world', compiler = 'cc 1.0', more = '' }: Library): Buffer {
  const source = `
    .globl shown
    .type shown, @function
shown: lea message(%rip), %rdi
    ret
    .size shown, .-shown
${more}
    .section .rodata
message: .asciz "${text}"
    .section .comment, "MS", @progbits, 1
    .asciz "${compiler}"
`;
  return assembled(source, ['-shared', '-soname', soname, '--build-id=sha1']);
}

describe('explaining how two ELF files differ', () => {
  it('names what the dynamic section asks for and is called', async () => {
    const found = await compare(library({}), library({ soname: 'liba.so.2' }));
    expect(found.fields).toContainEqual({
      name: 'name as a library (SONAME)',
      left: 'liba.so.1',
      right: 'liba.so.2',
    });
    expect(child(found, '.dynstr')?.diff).toContain('-liba.so.1\n+liba.so.2\n');
  });

  it('shows the compilers that made them, with the reason', async () => {
    const found = await compare(library({}), library({ compiler: 'cc 1.1' }));
    expect(child(found, '.comment')).toMatchObject({
      diff: '@@ -1,1 +1,1 @@\n-cc 1.0\n+cc 1.1\n',
      reasons: [{ kind: 'version-text', left: 'cc 1.0', right: 'cc 1.1' }],
    });
  });

  it('shows the strings that differ in data, and why when it is a date', async () => {
    const [left, right] = [
      library({ text: 'built Jan  1 2026 10:00:00' }),
      library({ text: 'built Feb 11 2026 23:59:59' }),
    ];
    expect(child(await compare(left, right), '.rodata')).toMatchObject({
      diff: '@@ -1,1 +1,1 @@\n-built Jan  1 2026 10:00:00\n+built Feb 11 2026 23:59:59\n',
      reasons: [{ kind: 'timestamp' }],
    });
  });

  it('compares symbols by name: what is new, not what only moved', async () => {
    const more = '.globl added\n.type added, @function\nadded: ret\n.size added, 1\n';
    const found = await compare(library({}), library({ more }));
    const symbols = child(found, '.dynsym');
    expect(symbols?.diff).toBe('@@ -0,0 +1,1 @@\n+added FUNC GLOBAL DEFAULT size 1 in .text\n');
    expect(child(found, '.symtab')?.diff).not.toContain('message');
  });

  it('tells symbols that came before those of another kind, and those of another size last, of which some', async () => {
    const sized = (size: number): string =>
      Array.from(
        { length: 300 },
        (_, at) => `.globl s${at}\n.type s${at}, @function\ns${at}: ret\n.size s${at}, ${size}`,
      ).join('\n');
    const kind = (type: string): string => `.globl kind\n.type kind, @${type}\nkind: ret\n.size kind, 1\n`;
    const added = '.globl zz\n.type zz, @function\nzz: ret\n.size zz, 1\n';
    const left = library({ more: `${sized(1)}\n${kind('function')}` });
    const symbols = child(await compare(left, library({ more: `${sized(2)}\n${kind('object')}${added}` })), '.dynsym');
    const told = symbols?.diff?.split('\n').filter((line) => line.startsWith('+')) ?? [];
    expect(told.slice(0, 2)).toEqual([
      '+zz FUNC GLOBAL DEFAULT size 1 in .text',
      '+kind OBJECT GLOBAL DEFAULT size 1 in .text',
    ]);
    expect(told).toHaveLength(202);
    expect(symbols?.notes).toContain('300 symbols differ only in size: 200 of them are told');
  });

  it('pairs the n-th symbol of a name with the n-th, and tells those that are left on either side', async () => {
    const source = (name: string, size: number): string =>
      `.text\n.type ${name}, @function\n${name}: .skip ${size}, 0x90\n.size ${name}, ${size}\n`;
    const linked = (side: string, sizes: readonly number[]): Buffer => {
      const sources = [`${side} 1`, ...sizes.map((size) => `same ${size}`), `${side} 1`].map((one, index) => {
        const [name = '', size = ''] = one.split(' ');
        return [`${index}.s`, source(`${name}`, Number(size))] as const;
      });
      const objects = sources.map(([name]) => name.replace('.s', '.o'));
      const { made } = madeBy(
        [
          ...objects.map((name) => ['as', '-o', name, name.replace('.o', '.s')] as const),
          ['ld', '-r', '-o', 'all', ...objects],
        ],
        Object.fromEntries(sources),
        ['all'],
      );
      return made[0] as Buffer;
    };
    const [left, right] = [linked('old', [8, 16]), linked('now', [8, 24, 32, 40])];
    const found = await compare(left, right);
    expect(await compare(right, left)).toEqual(mirror(found));
    const told = child(found, '.symtab')
      ?.diff?.split('\n')
      .filter((line) => /^[-+].* FUNC /.test(line));
    const line = (name: string, size: number): string => `${name} FUNC LOCAL DEFAULT size ${size} in .text`;
    expect(told?.toSorted()).toEqual(
      [
        `-${line('old', 1)}`,
        `-${line('old', 1)}`,
        `-${line('same', 16)}`,
        `+${line('now', 1)}`,
        `+${line('now', 1)}`,
        `+${line('same', 24)}`,
        `+${line('same', 32)}`,
        `+${line('same', 40)}`,
      ].toSorted(),
    );
  });

  it('says that everything follows from the build-id when nothing else differs', async () => {
    const left = library({});
    const right = Buffer.from(left);
    const at = right.indexOf('GNU\0', right.indexOf(Buffer.from([3, 0, 0, 0, 0x47, 0x4e, 0x55])));
    right.writeUInt8((right[at + 4] as number) ^ 1, at + 4);
    const found = await compare(left, right);
    expect(found.fields).toContainEqual({ name: 'build-id', left: expect.any(String), right: expect.any(String) });
    expect(found.detail).toBe(`differing pieces: 1 of ${found.detail?.split(' ').at(-1)}`);
    expect(found.children).toEqual([]);
    expect(found.reasons).toMatchObject([{ kind: 'build-id' }]);
    expect(found.notes).toEqual([expect.stringContaining('all differences follow from the build-id')]);
  });

  it('says of files of debug information alone that the code differs, which is not in them', async () => {
    const [left, right] = [1, 2].map((value) => {
      const source = `.globl one\none: mov $${value}, %eax\nret\n.section .debug_info\n.long 0\n`;
      const program = assembled(source, ['-shared', '--build-id=sha1']);
      const commands = [['objcopy', '--only-keep-debug', 'tool', 'tool.debug']] as const;
      return madeBy(commands, { tool: program }, ['tool.debug']).made[0] as Buffer;
    });
    const found = await compare(left as Buffer, right as Buffer);
    expect(found.notes).toEqual([expect.stringMatching(/ is not in this file differs, such as code$/)]);
  });

  it('speaks of no build-id where only the checksum of the file of debug information differs', async () => {
    const linking = (checksum: number): Buffer =>
      assembled(`nop\n.section .gnu_debuglink\n.asciz "x.debug"\n.long ${checksum}\n`);
    const found = await compare(linking(1), linking(2));
    expect(found.reasons).toBeUndefined();
    expect(found.notes).toEqual([]);
    expect(child(found, '.gnu_debuglink')?.reasons).toMatchObject([{ kind: 'checksum' }]);
  });

  describe('where the build-id is not all that differs', () => {
    const left = library({});
    const identified = (bytes: Buffer): Buffer => {
      const at = bytes.indexOf('GNU\0', bytes.indexOf(Buffer.from([3, 0, 0, 0, 0x47, 0x4e, 0x55])));
      bytes.writeUInt8((bytes[at + 4] as number) ^ 1, at + 4);
      return bytes;
    };
    const hidden = Buffer.from(left);
    // The linker leaves a page between the last section of code and what follows it.
    const code = hidden.indexOf(Buffer.from('c3000000', 'hex'));
    Buffer.from('31c0c3', 'hex').copy(hidden, code + 64);

    it.each([
      ['between sections', identified(hidden), '(after .text)', /^first difference at byte \d+; 3 of \d+ bytes/],
      ['after them', identified(Buffer.concat([left, Buffer.from('more')])), '(after the last section)', /^only on/],
    ])('tells bytes %s and does not say that all follows from it', async (_what, right, path, detail) => {
      const found = await compare(left, right);
      expect(found.reasons).toBeUndefined();
      expect(found.notes).toEqual([]);
      expect(found.children).toMatchObject([{ path, detail: expect.stringMatching(detail) }]);
      expect(await compare(right, left)).toEqual(mirror(found));
    });

    it('tells such bytes where nothing else differs', async () => {
      expect((await compare(left, hidden)).children).toMatchObject([{ path: '(after .text)', kind: 'bytes' }]);
    });
  });

  it('does not say that only debug information differs where the program begins elsewhere', async () => {
    const debug = (name: string): Buffer =>
      library({ more: `.section .debug_str, "MS", @progbits, 1\n.asciz "${name}"\n.text\n` });
    const right = debug('two');
    right.writeBigUInt64LE(right.readBigUInt64LE(24) + 7n, 24);
    expect((await compare(debug('one'), debug('two'))).reasons).toContainEqual({
      kind: 'debug-info',
      evidence: 'only debug information and symbols differ',
    });
    const found = await compare(debug('one'), right);
    expect(found.reasons ?? []).not.toContainEqual(expect.objectContaining({ kind: 'debug-info' }));
  });

  it('tells another symbol at the same place in a relocation from one that only moved', async () => {
    const object = (symbols: string, space = 0): Buffer =>
      assembled(`.skip ${space}, 0x90\n${[...symbols].map((symbol) => `.quad ${symbol}\n`).join('')}`);
    const relocations = async (left: Buffer, right: Buffer): Promise<Difference | undefined> =>
      child(await compare(left, right), '.rela.text');
    const moved = await relocations(object('xyxy'), object('xyxy', 8));
    expect(moved?.reasons).toMatchObject([{ kind: 'addresses' }]);
    const swapped = await relocations(object('xyxy'), object('xyyx'));
    expect(swapped?.notes).toEqual(['as many relocations of each type and symbol, in another order']);
    expect(swapped?.reasons).toBeUndefined();
    const more = await relocations(object('xyxy'), object('xyyy'));
    expect(more?.diff).toBe('@@ -1,2 +1,2 @@\n-64 x: 2\n-64 y: 2\n+64 x: 1\n+64 y: 3\n');
  });

  it('says that only debug information differs, and of compressed sections what is in them', async () => {
    const debug = (folder: string): string =>
      `.section .debug_str, "MS", @progbits, 1\n.asciz "${folder}/main.c"\n.asciz "${'x'.repeat(500)}"\n`;
    const [left, right] = ['first', 'second'].map((name) => debug(`/build/${name}`)) as [string, string];
    for (const options of [[], ['--compress-debug-sections=zlib']]) {
      const link = ['-r', ...options];
      const found = await compare(assembled(left, link), assembled(right, link));
      expect(found.reasons).toMatchObject([{ kind: 'debug-info' }]);
      expect(child(found, '.debug_str')).toMatchObject({
        detail: 'content differs: the same texts, but for folders in 1 text',
        fields: [{ name: 'folder', left: '/build/first', right: '/build/second' }],
      });
    }
    const packed = assembled(left, ['-r', '--compress-debug-sections=zlib']);
    expect(child(await compare(assembled(left, ['-r']), packed), '.debug_str')).toMatchObject({
      detail: 'equal once unpacked',
    });
  });

  it('reads a file of debug information alone, whose other sections stand after its end', async () => {
    const [left, right] = ['first', 'second'].map((name) => {
      const debug = `.section .debug_str, "MS", @progbits, 1\n.asciz "${name}"\n`;
      const keep = ['objcopy', '--only-keep-debug', 'made', 'kept'] as const;
      return madeBy([keep], { made: library({ more: debug }) }, ['kept']).made[0] as Buffer;
    }) as [Buffer, Buffer];
    expect((await compare(left, right)).kind).toBe('elf');
  });

  it('tells a signature after a kernel module', async () => {
    const module = assembled('.section .modinfo, "a"\n.asciz "name=x"\n');
    const signed = (text: string): Buffer => {
      const length = Buffer.alloc(12);
      length.writeUInt32BE(text.length, 8);
      return Buffer.concat([module, Buffer.from(text), length, Buffer.from('~Module signature appended~\n')]);
    };
    const found = await compare(signed('one'), signed('two'));
    expect(found).toMatchObject({
      detail: 'all sections hold the same bytes; what follows them differs',
      reasons: [{ kind: 'signature' }],
      fields: [{ name: 'module signature, SHA-256' }],
      children: [],
    });
  });

  it('compares the names of the types that a kernel module brings along, not their numbers', async () => {
    const module = (number: number, ...names: string[]): Buffer =>
      assembled(
        `.section .BTF, "", @progbits\n.short 0xeb9f\n.byte 1, 0\n.long 24, 0, 4, 4, ${names.join(' ').length + 2}, ${number}\n.asciz ""\n${names.map((name) => `.asciz "${name}"\n`).join('')}`,
      );
    expect(child(await compare(module(1, 'list'), module(2, 'list')), '.BTF')).toMatchObject({
      detail: 'content differs: the same names, types of other numbers',
      reasons: [{ kind: 'debug-info' }],
    });
    const renamed = child(await compare(module(1, 'list'), module(1, 'tree')), '.BTF');
    expect(renamed?.diff).toContain('-list\n+tree\n');
    expect(child(await compare(module(1, 'list', 'tree'), module(1, 'tree', 'list')), '.BTF')).toMatchObject({
      detail: 'content differs: the same names in another order',
      reasons: [{ kind: 'debug-info' }, { kind: 'order' }],
    });
    const broken = Buffer.from(module(2, 'list'));
    broken.writeUInt32LE(0xffffff, broken.indexOf(Buffer.from([0x9f, 0xeb, 1, 0])) + 20);
    expect(child(await compare(module(1, 'list'), broken), '.BTF')?.notes.join()).toContain('not of the form');
  });

  it.each<[string, Library]>([
    ['another name', { soname: 'liba.so.2' }],
    ['another string', { text: 'hello there' }],
    ['another symbol', { more: '.globl added\nadded: ret\n' }],
  ])('reads the same with the sides swapped: %s', async (_what, other) => {
    const [left, right] = [library({}), library(other)];
    expect(await compare(right, left)).toEqual(mirror(await compare(left, right)));
  });

  it('gives notes, never an error, for a file with any byte spoiled', async () => {
    const [left, right] = [library({}), library({ text: 'hello there' })];
    for (let at = 0; at < right.length; at += 61) {
      const spoiled = Buffer.from(right);
      spoiled.writeUInt8((spoiled[at] as number) ^ 0xff, at);
      expect((await compare(left, spoiled)).kind, `byte ${at}`).not.toBe('identical');
    }
  });
});
