import { describe, expect, it } from 'vitest';
import type { Difference } from '../../../../model/index.ts';
import { assembled } from '../../../helpers/assembled-elf.ts';
import {
  changedLines,
  compareAllWays,
  compareBytes,
  fieldsOf,
  nodesOf,
  notesOf,
  patched,
  reasonsOf,
} from '../../../helpers/compare-bytes.ts';
import { compiled, madeBy, SOURCES } from '../../../helpers/compiled-object.ts';

const child = (node: Difference, path: string): Difference | undefined =>
  node.children.find((one) => one.path === path);
const folder = { name: 'folder', left: '/build/one', right: '/build/other' };

/** An object file of one source in debug information as these options make it. */
function object(from: string, options: readonly string[]): Buffer {
  const map = `-fdebug-prefix-map=FOLDER=${from}`;
  return madeBy([['gcc', '-c', '-O1', map, ...options, 'FOLDER/main.c', '-o', 'made.o']], SOURCES, ['made.o'])
    .made[0] as Buffer;
}

/** Where the relocations of debug information stand in an object file of 64 bits: ELF-64 Object File Format, figure 3. */
function tablesOfRelocations(bytes: Buffer): readonly number[] {
  const headers = Number(bytes.readBigUInt64LE(40));
  const all = Array.from({ length: bytes.readUInt16LE(60) }, (_, index) => headers + index * 64);
  return all.filter((at) => bytes.readUInt32LE(at + 4) === 4).map((at) => Number(bytes.readBigUInt64LE(at + 24)));
}

describe('explaining how debug information differs', () => {
  it.each([
    ['DWARF 4', ['-gdwarf-4']],
    ['DWARF 5', ['-gdwarf-5']],
    ['DWARF 5 of 64 bits', ['-gdwarf-5', '-gdwarf64']],
    ['packed with zlib', ['-gdwarf-5', '-gz=zlib']],
  ])('says in one sentence that only the folder of the build differs: %s', async (_what, options) => {
    const [left, right] = [compiled('/build/one', options), compiled('/build/other', options)];
    const found = await compareAllWays(left, right);
    expect(found.reasons).toContainEqual({ kind: 'debug-info', evidence: 'only debug information and symbols differ' });
    const info = child(found, '.debug_info');
    expect(info?.detail).toBe('content differs: the same units and entries, but for folders in 2 texts');
    expect(info?.fields).toEqual([folder]);
    expect(info?.reasons).toContainEqual({
      kind: 'path',
      evidence: 'debug information names the folders of the build',
      left: '/build/one',
      right: '/build/other',
    });
    const told = nodesOf(found).filter((node) => node.startsWith('.debug_') || node.includes('| bytes |'));
    expect(told.every((node) => /differs: (?:the same|it lists)/.test(node))).toBe(true);
    expect(changedLines(found).filter((line) => !line.includes('build-id'))).toEqual([]);
  });

  it('says that a source file has another content where line tables state its MD5, as those of Clang do', async () => {
    const [left, right] = ['1', '2'].map((digit) => {
      const source = `.file 0 "/b" "a.c" md5 0x${digit.repeat(32)}\n.text\n.loc 0 1 0\nnop\n`;
      return madeBy([['as', '-gdwarf-5', 'a.s', '-o', 'made.o']], { 'a.s': source }, ['made.o']).made[0] as Buffer;
    });
    const found = await compareAllWays(left as Buffer, right as Buffer);
    const lines = child(found, '.debug_line');
    expect(lines?.detail).toContain('files of the same names for which another MD5, time or size is stated');
    expect(lines?.reasons?.map(({ kind }) => kind)).toEqual(['debug-info']);
    expect(changedLines(found)).toEqual([`-/b/a.c MD5 ${'1'.repeat(32)}`, `+/b/a.c MD5 ${'2'.repeat(32)}`]);
  });

  it('says that one side is stripped, of what, and that nothing else differs', async () => {
    const whole = compiled('/build/one');
    const without = (option: string): Buffer =>
      madeBy([['strip', option, 'made']], { made: whole }, ['made']).made[0] as Buffer;
    const stripped = { kind: 'missing-or-extra', evidence: 'one side is stripped of more than the other' };
    const [symbols, nothing] = [without('-g'), without('-s')];
    const found = await compareAllWays(symbols, nothing);
    const neither = 'neither symbols nor debug information';
    expect(found.reasons).toEqual([{ ...stripped, left: 'symbols', right: neither }]);
    const both = { left: 'symbols and debug information', right: 'symbols' };
    expect((await compareAllWays(whole, symbols)).reasons).toContainEqual({ ...stripped, ...both });
  });

  it('says that one side is detached debug information, which names no library of its own', async () => {
    const library = compiled('/build/one', ['-gdwarf-5', '-Wl,-soname,libone.so']);
    const command = ['objcopy', '--only-keep-debug', 'made', 'made.debug'] as const;
    const detached = madeBy([command], { made: library }, ['made.debug']).made[0] as Buffer;
    const found = await compareAllWays(library, detached);
    const evidence = 'one side is a file of detached debug information';
    const sides = { left: 'code as well', right: 'debug information alone' };
    expect(found.reasons).toEqual([{ kind: 'missing-or-extra', evidence, ...sides }]);
    expect(found.fields ?? []).toEqual([]);
    for (const name of ['.text', '.dynamic', '.eh_frame'])
      expect(child(found, name)?.detail).toBe('content only on one side');
  });

  it('says so of a detached file of debug information, packed or not', async () => {
    for (const packed of [[], ['--compress-debug-sections']]) {
      const [left, right] = ['/build/one', '/build/other'].map((from) => {
        const library = compiled(from, ['-gdwarf-5', '-Wl,--build-id']);
        return madeBy([['objcopy', '--only-keep-debug', ...packed, 'made', 'made.debug']], { made: library }, [
          'made.debug',
        ]).made[0] as Buffer;
      });
      const found = await compareBytes(left as Buffer, right as Buffer);
      expect(child(found, '.debug_info')?.detail).toContain('but for folders in 2 texts');
      expect(changedLines(found).filter((line) => !line.includes('build-id'))).toEqual([]);
    }
  });

  it('follows relocations in an object file, where offsets are not yet written', async () => {
    for (const version of ['-gdwarf-4', '-gdwarf-5']) {
      const found = await compareAllWays(object('/build/one', [version]), object('/build/other', [version]));
      const [first] = found.children.filter(({ path }) => path.startsWith('.debug_'));
      expect(first?.fields).toEqual([folder]);
      expect(first?.reasons).toContainEqual(expect.objectContaining({ kind: 'path', left: '/build/one' }));
    }
  });

  it('follows no relocation of a place before the section, of which the highest bit is set', async () => {
    const [left, right] = [object('/build/one', ['-gdwarf-5']), object('/build/other', ['-gdwarf-5'])];
    const spoiled = Buffer.from(right);
    const tables = tablesOfRelocations(right);
    for (const first of tables) spoiled.writeUInt8(0xff, first + 7);
    expect(tables.length).toBeGreaterThan(2);
    const found = await compareAllWays(left, spoiled);
    expect(found.children.map(({ path }) => path)).toContain('.debug_line_str');
    expect(notesOf(found)).not.toContainEqual(expect.stringMatching(/^[A-Z]+_[A-Z]+: /));
  });

  it('names the compiler and the options that only one side was given', async () => {
    const found = await compareAllWays(
      compiled('/build/one', ['-gdwarf-5', '-march=x86-64', '-fno-plt']),
      compiled('/build/one', ['-gdwarf-5', '-march=x86-64-v2', '-fno-plt']),
    );
    expect(fieldsOf(found)).toContainEqual({
      name: 'options of 2 units',
      left: '-march=x86-64',
      right: '-march=x86-64-v2',
    });
    expect(reasonsOf(found)).toContainEqual({
      kind: 'metadata',
      evidence: 'options of the compiler differ: -march',
      left: '-march=x86-64',
      right: '-march=x86-64-v2',
    });
  });

  it('takes a compiler of another version for what it is, and folders in its options for folders', async () => {
    const written = (producer: string): Buffer => {
      const library = compiled('/build/one');
      const at = library.indexOf('GNU C');
      const text = producer.padEnd(library.indexOf(0, at) - at, ' ');
      return patched(library, at, Buffer.from(text, 'latin1'));
    };
    const version = await compareAllWays(written('GNU C17 12.2.0 -O2'), written('GNU C17 12.2.1 -O2'));
    expect(child(version, '.debug_str')?.reasons).toContainEqual({
      kind: 'version-text',
      evidence: 'what the compiler says of itself in debug information',
      left: 'GNU C17 12.2.0',
      right: 'GNU C17 12.2.1',
    });
    const option = (from: string): string => `GNU C17 12.2.0 -ffile-prefix-map=${from}=. -O2`;
    const folders = await compareAllWays(written(option('/build/one')), written(option('/build/two')));
    expect(child(folders, '.debug_str')?.reasons).toContainEqual({
      kind: 'path',
      evidence: 'options of the compiler differ: -ffile-prefix-map',
      left: '-ffile-prefix-map=/build/one=.',
      right: '-ffile-prefix-map=/build/two=.',
    });
  });

  it('tells which units only one side has, and which hold other entries', async () => {
    const { 'part/add.c': _, ...fewer } = SOURCES;
    const added = 'int more(int value) { return value * 3; }\n';
    const [left, right] = [
      { ...fewer, 'old.c': added },
      { ...SOURCES, 'main.c': `${SOURCES['main.c']}${added}` },
    ];
    const found = await compareAllWays(
      compiled('/build/one', ['-gdwarf-5'], left),
      compiled('/build/one', ['-gdwarf-5'], right),
    );
    const info = child(found, '.debug_info');
    expect(info?.detail).toBe('content differs: units of other entries: 1 of 1, and 2 of one side only');
    expect(info?.notes).toContain('units of other entries: main.c');
    expect(info?.children.map(({ diff }) => diff)).toEqual(['@@ -1,1 +1,1 @@\n-old.c\n+part/add.c\n']);
    const lines = child(found, '.debug_line');
    expect(lines?.detail).toMatch(/^content differs: lines differ in \d of 2 line tables$/);
    expect(lines?.diff).toContain('part/add.c');
  });

  it('names a text that is no path, and values that differ in entries alike', async () => {
    const named = (field: string, value: string): Record<string, string> => ({
      'main.c': `enum kind { ${field} = ${value} };\nenum kind chosen;\n`,
    });
    const build = (field: string, value = '1'): Buffer => compiled('/build/one', ['-gdwarf-5'], named(field, value));
    const text = await compareAllWays(build('first_of_them'), build('other_of_them'));
    expect(fieldsOf(text)).toContainEqual({ name: 'name of 1 entries', left: 'first_of_them', right: 'other_of_them' });
    const value = await compareAllWays(build('first_of_them', '1'), build('first_of_them', '2'));
    expect(child(value, '.debug_info')).toMatchObject({
      detail: 'content differs: the same units and entries, in some of which values differ',
      notes: ['values that differ in entries alike: const_value 1'],
    });
  });

  it('shows no bytes of indices and tables that follow from entries, and those of one that follows from nothing', async () => {
    const source = (value: string): Record<string, string> => ({ 'main.c': `int first(void) { return ${value}; }\n` });
    const options = ['-gdwarf-4', '-gpubnames', '-O0'];
    const more = { 'main.c': `${source('1')['main.c']}int other(int a) { return a; }\n` };
    const found = await compareAllWays(
      madeBy([['gcc', '-c', ...options, 'main.c', '-o', 'made.o']], source('1'), ['made.o']).made[0] as Buffer,
      madeBy([['gcc', '-c', ...options, 'main.c', '-o', 'made.o']], more, ['made.o']).made[0] as Buffer,
    );
    for (const name of ['.debug_abbrev', '.debug_pubnames'])
      expect(child(found, name)?.detail, name).toMatch(
        /^content differs, as it does where code, symbols or their places differ: it is not shown$/,
      );
    const lone = (byte: number): Buffer => assembled(`.section .debug_names, "", @progbits\n.long ${byte}\n`);
    expect(child(await compareAllWays(lone(1), lone(2)), '.debug_names')?.children[0]?.kind).toBe('bytes');
  });

  it('says which texts dwz moved to another file, and names that file', async () => {
    const link = (name: string): Buffer =>
      assembled(`.section .gnu_debugaltlink, "", @progbits\n.asciz "${name}"\n.byte 1, 2, 3\n.section .debug_x\n`);
    expect(child(await compareAllWays(link('one.debug'), link('two.debug')), '.gnu_debugaltlink')?.fields).toEqual([
      { name: 'file of shared debug information', left: 'one.debug', right: 'two.debug' },
    ]);
    const unit = (number: number): Buffer =>
      assembled(`
        .section .debug_abbrev, "", @progbits
        .uleb128 1, 0x11
        .byte 0
        .uleb128 0x25, 0x1f21, 0x13, 0x0b, 0, 0, 0
        .section .debug_info, "", @progbits
        .long 13
        .short 4
        .long 0
        .byte 8, 1
        .long ${number}
        .byte 29`);
    const found = await compareAllWays(unit(1), unit(2));
    expect(child(found, '.debug_info')).toMatchObject({
      detail: 'content differs: the same units and entries, as far as their texts stand here',
      notes: ['texts that stand in another file (dwz), or outside of their table: 2'],
    });
  });

  it('tells what units say of themselves where they are too long to be held, packed or not', async () => {
    const long = (from: string): string => `
        .section .debug_abbrev, "", @progbits
        .uleb128 1, 0x11
        .byte 0
        .uleb128 0x1b, 0x08, 0x03, 0x08, 0, 0, 0
        .section .debug_info, "", @progbits
        .long 2f - 1f
1:      .short 4
        .long 0
        .byte 8, 1
        .asciz "${from}"
        .asciz "a.c"
        .zero 68000000
2:`;
    for (const options of [['-r'], ['-r', '--compress-debug-sections=zlib']]) {
      const found = await compareBytes(assembled(long('/build/one'), options), assembled(long('/build/two'), options));
      expect(child(found, '.debug_info')).toMatchObject({
        fields: [{ name: 'folder', left: '/build/one', right: '/build/two' }],
        notes: ['too long to be held: only what units say of themselves was compared'],
      });
    }
  });

  it('falls back to bytes with a note where debug information cannot be read, and never says equal', async () => {
    const [left, right] = [compiled('/build/one'), compiled('/build/other')];
    const broken = Buffer.from(right);
    broken.writeUInt32LE(0xfffffff1, right.indexOf(Buffer.from([5, 0, 1, 8])) - 4);
    const found = await compareAllWays(left, broken);
    expect(notesOf(found)).toContainEqual(
      expect.stringMatching(/^FORMAT_MALFORMED: reading length of a unit of \.debug_info/),
    );
    expect(child(found, '.debug_info')?.children[0]?.kind).toBe('bytes');
    for (let at = left.indexOf('GNU C') - 1500; at < left.length; at += 37) {
      const spoiled = patched(right, at, [(right[at] as number) ^ 0xff]);
      expect((await compareBytes(left, spoiled)).kind, `byte ${at}`).not.toBe('identical');
    }
  });
});
