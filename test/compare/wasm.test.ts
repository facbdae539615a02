import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWasm } from '../../formats/index.ts';
import {
  changedLines,
  compareAllWays,
  compareBytes,
  fieldsOf,
  notesOf,
  patched,
  pathsOf,
  reasonsOf,
  survivesDamage,
} from '../helpers/compare-bytes.ts';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures/wasm', name));
const small = fixture('small.wasm');
const judged = fixture('small.objdump.txt').toString();
const all = (pattern: RegExp): string[][] => [...judged.matchAll(pattern)].map((found) => found.slice(1));

/** A custom section with a name and content of less than 128 bytes. */
function custom(name: string, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, 1 + name.length + content.length, name.length]), Buffer.from(name), content]);
}
const string = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
const producers = (version: string): Buffer =>
  custom(
    'producers',
    Buffer.concat([Buffer.from([1]), string('processed-by'), Buffer.from([1]), string('clang'), string(version)]),
  );

type Body = 'f' | 'g' | 'caller';
const BODIES = { f: [3, 0, 0x01, 0x0b], g: [2, 0, 0x0b], caller: [4, 0, 0x10, 0, 0x0b] };

/** A module of functions in this order, which are called the same or otherwise. */
function ordered(order: readonly Body[], called: readonly Body[] = order): Buffer {
  const section = (id: number, content: readonly number[]): number[] => [id, content.length, ...content];
  const names = called.flatMap((name, index) => [index, ...string(name)]);
  return Buffer.concat([
    Buffer.from('\0asm\x01\0\0\0', 'latin1'),
    Buffer.from(section(1, [1, 0x60, 0, 0])),
    Buffer.from(section(3, [3, 0, 0, 0])),
    Buffer.from(section(10, [3, ...order.flatMap((name) => BODIES[name])])),
    custom('name', Buffer.from([1, names.length + 1, 3, ...names])),
  ]);
}

describe('reading a WebAssembly module', () => {
  it('reads what wasm-objdump reads', () => {
    const module = readWasm(small, { entries: 100 });
    expect(module.imports.map((one) => one.replace(' function', ' func'))).toEqual(
      all(/^ - (\w+)\[\d+\].*<- (\S+)/gm).map(([kind, name]) => `${name} ${kind}`),
    );
    expect(module.exports).toEqual(
      all(/^ - func\[(\d+)\] <\S+> -> "(\w+)"/gm).map(([index, name]) => `${name} function ${index}`),
    );
    expect(module.functions.map(({ index, size, name }) => [String(index), String(size), name])).toEqual(
      all(/^ - func\[(\d+)\] size=(\d+) <(\w+)>/gm),
    );
    expect(module.sections.map(({ name }) => name)).toEqual([
      ...['types', 'imports', 'functions', 'exports', 'code', 'data', 'name'],
    ]);
  });

  it('stops at its limit', () => {
    expect(() => readWasm(small, { entries: 5 })).toThrow(expect.objectContaining({ code: 'FORMAT_LIMIT' }));
  });
});

describe('explaining how two WebAssembly modules differ', () => {
  it('does not say that the code of a function differs which has another name', async () => {
    const other = patched(small, small.indexOf('twice', small.lastIndexOf('twice')), Buffer.from('again'));
    const found = await compareAllWays(small, other);
    expect(found.detail).toBe('names of functions on one side: 2');
  });

  it('names the function whose code differs', async () => {
    const multiply = small.indexOf(0x6c, small.indexOf(Buffer.from([0x41, 2])));
    const found = await compareAllWays(small, patched(small, multiply, [0x6a]));
    expect(found).toMatchObject({ kind: 'wasm', detail: 'functions whose code differs: 1 of 2' });
    expect(pathsOf(found)).toEqual(['file', 'function twice']);
    expect(changedLines(found)).toEqual(['-00 20 00 41 02 6c 0b', '+00 20 00 41 02 6a 0b']);
    const evidence = 'code of functions differs: instructions, or numbers of what they refer to';
    expect(reasonsOf(found)).toEqual([{ kind: 'code', evidence }]);
  });

  it('names imports, exports and data', async () => {
    const other = Buffer.from(
      small.toString('latin1').replace('base', 'bose').replace('twice', 'thrce').replace('hello', 'HELLO'),
      'latin1',
    );
    const found = await compareAllWays(small, other);
    expect(pathsOf(found)).toEqual(['file', 'imports', 'exports', 'data']);
    expect(changedLines(found)).toContain('-env.base global');
    expect(changedLines(found)).toContain('+thrce function 1');
  });

  it('names the tools that made it, and sections of one side', async () => {
    const [one, other] = [Buffer.concat([small, producers('14.0.6')]), Buffer.concat([small, producers('15.0.6')])];
    const found = await compareAllWays(one, other);
    const sides = { left: 'processed-by clang (14.0.6)', right: 'processed-by clang (15.0.6)' };
    expect(reasonsOf(found)).toEqual([{ kind: 'version-text', evidence: 'producers section', ...sides }]);
    const more = await compareAllWays(small, Buffer.concat([small, custom('.debug_x', Buffer.from('x'))]));
    expect(pathsOf(more)).toEqual(['file', 'custom .debug_x']);
    expect(fieldsOf(more).map(({ name }) => name)).toEqual(['sections']);
  });

  it('shows a section that says the same in other bytes', async () => {
    const imports = small.indexOf('base') + 'base'.length;
    expect(small[imports]).toBe(3);
    // Whether the global that is imported may be changed.
    const found = await compareAllWays(small, patched(small, imports + 2, [(small[imports + 2] as number) ^ 1]));
    expect(pathsOf(found)).toEqual(['file', 'imports']);
    expect(found.children[0]?.kind).toBe('bytes');
  });

  it('says so where only a size is written otherwise', async () => {
    const [one, other] = [custom('x', Buffer.from('yz')), Buffer.from([0, 0x84, 0, 1, 0x78, 0x79, 0x7a])];
    const found = await compareAllWays(Buffer.concat([small, one]), Buffer.concat([small, other]));
    expect(found).toMatchObject({ kind: 'wasm', children: [] });
    expect(notesOf(found)).toEqual(['the same sections: only how their sizes are written differs']);
  });

  it('does not take names that are swapped for functions in another order', async () => {
    const order: readonly Body[] = ['f', 'g', 'caller'];
    const found = await compareAllWays(ordered(order), ordered(order, ['g', 'f', 'caller']));
    expect(found.detail).toBe('the same code in the same order: functions have other names');
    expect(reasonsOf(found)).toEqual([]);
    expect(pathsOf(found)).toEqual(['file', 'custom name']);
  });

  it('says that functions in another order are called by number', async () => {
    const found = await compareAllWays(ordered(['f', 'g', 'caller']), ordered(['g', 'f', 'caller']));
    expect(reasonsOf(found)).toEqual([{ kind: 'order', evidence: 'functions in another order' }]);
    expect(notesOf(found)[0]).toMatch(/^calls are by number: /);
    expect(pathsOf(found)).toEqual(['file', 'custom name']);
  });

  it('does not take a custom section for the one it is called after', async () => {
    const [one, other] = ['a', 'b'].map((text) => Buffer.concat([small, custom('code', Buffer.from(text))]));
    expect(pathsOf(await compareAllWays(one as Buffer, other as Buffer))).toEqual(['file', 'custom code']);
  });

  it('falls back to bytes for what cannot be read', async () => {
    const found = await compareBytes(small, small.subarray(0, 60));
    expect(found).toMatchObject({ kind: 'bytes', notes: [expect.stringMatching(/^FORMAT_MALFORMED: reading /)] });
  });

  it('never throws and never says equal, wherever one is cut or broken', () => survivesDamage(small));
});
