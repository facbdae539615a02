import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type PycHeader, readPycHeader, readPythonCode } from '../../formats/index.ts';
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

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures/python', name));
const RELEASES = ['2.7', '3.6', '3.7', '3.8', '3.10', '3.11', '3.12', '3.13'];
const LIMITS = { depth: 100, objects: 10_000, characters: 100_000 };
const sample = fixture('sample-3.11.pyc');
const headerOf = (bytes: Buffer): PycHeader => readPycHeader(bytes) as PycHeader;
/** `bytes` with each of the texts in the place of another as long. */
const replaced = (bytes: Buffer, old: string, now: string): Buffer =>
  Buffer.from(bytes.toString('latin1').replaceAll(old, now), 'latin1');

describe('reading compiled Python', () => {
  it.each(RELEASES)('reads what CPython %s reads', (release) => {
    const bytes = fixture(`sample-${release}.pyc`);
    const header = headerOf(bytes);
    expect(header.release).toBe(release === '2.7' ? '2' : release);
    expect(header.sourceTime).toBe(1_700_000_000);
    const { codes, trailing } = readPythonCode(bytes, header, LIMITS);
    expect(trailing).toBe(0);
    const read = codes.map(({ name, fileName, lines, code }) => ({
      name,
      file: fileName,
      names: lines.flatMap((line) => /^names '(.*)'$/.exec(line.replace("names b'", "names '"))?.[1] ?? []),
      line: Number(lines.find((line) => line.startsWith('firstlineno '))?.slice(12)),
      consts: lines.filter((line) => line.startsWith('consts ')).length,
      code: code.toString('hex'),
    }));
    const judged = JSON.parse(fixture(`sample-${release}.json`).toString()) as typeof read;
    expect(read).toEqual(judged);
  });

  it('stops at each limit', () => {
    const limit = expect.objectContaining({ code: 'FORMAT_LIMIT' });
    for (const limits of [{ depth: 2 }, { objects: 50 }, { characters: 500 }])
      expect(() => readPythonCode(sample, headerOf(sample), { ...LIMITS, ...limits })).toThrow(limit);
  });
});

describe('explaining how compiled Python differs', () => {
  it('tells the time of the source apart from the code', async () => {
    const found = await compareAllWays(sample, patched(sample, 8, [0x10, 0xff, 0x53, 0x65]));
    const times = { left: '2023-11-14T22:13:20Z', right: '2023-11-14T23:13:20Z' };
    expect(found).toMatchObject({ kind: 'pyc', detail: 'the same code: only the header differs', children: [] });
    expect(fieldsOf(found)).toEqual([{ name: 'source mtime', ...times }]);
    expect(reasonsOf(found)).toEqual([{ kind: 'timestamp', evidence: 'mtime of the source in the header', ...times }]);
  });

  it('names the hash in the place of the time', async () => {
    const found = await compareAllWays(sample, patched(sample, 4, [3]));
    expect(fieldsOf(found).map(({ name }) => name)).toEqual(['flags', 'source hash', 'source mtime', 'source size']);
  });

  it('names the path it was compiled from, once', async () => {
    const found = await compareAllWays(sample, replaced(sample, '/build/', '/other/'));
    const sides = { left: '/build/sample.py', right: '/other/sample.py' };
    expect(fieldsOf(found)).toEqual([{ name: 'compiled from', ...sides }]);
    expect(reasonsOf(found)).toEqual([{ kind: 'path', evidence: 'co_filename of the code objects', ...sides }]);
    expect(found).toMatchObject({ detail: 'equal code and constants', children: [] });
  });

  it('names the code object, the name and the constant that differ', async () => {
    const found = await compareAllWays(sample, replaced(replaced(sample, 'bytes', 'BYTES'), 'Doc.', 'Dok.'));
    expect(pathsOf(found)).toEqual(['file', '<module>']);
    const [doc, dok, tuple] = changedLines(found);
    expect([doc, dok]).toEqual(["-consts 'Doc.'", "+consts 'Dok.'"]);
    expect(tuple).toContain("b'bytes'");
  });

  it('tells instructions and names that differ from constants, and from places in the source', async () => {
    const kinds = async (other: Buffer): Promise<string[]> =>
      reasonsOf(await compareAllWays(sample, other)).map(({ kind }) => kind);
    expect(await kinds(replaced(sample, 'Doc.', 'Dok.'))).toEqual(['data']);
    expect(await kinds(replaced(sample, 'BIG', 'TIP'))).toEqual(['code']);
    // What the module needs of the stack, the fourth number after the header and the type.
    expect(reasonsOf(await compareAllWays(sample, patched(sample, 29, [9])))).toEqual([
      { kind: 'code', evidence: 'instructions of code objects differ, or names, flags or counts in them' },
    ]);
    // Of the module its name twice, one a reference, then the line that it begins in, and the table of lines.
    const line = sample.lastIndexOf('<module>') + '<module>'.length + 5;
    expect(sample.readUInt32LE(line)).toBe(1);
    expect(await kinds(patched(sample, line, [2]))).toEqual(['debug-info']);
  });

  it('sees that a string is only interned, and where nothing else differs', async () => {
    const type = sample.indexOf('Doc.') - 2;
    const [short, interned] = [Buffer.from('z')[0], Buffer.from('Z')[0] as number];
    expect(sample[type]).toBe(short);
    const found = await compareAllWays(sample, patched(sample, type, [interned]));
    expect(found).toMatchObject({ detail: 'equal code and constants', children: [] });
    expect(reasonsOf(found).map(({ kind }) => kind)).toEqual(['layout']);
  });

  it('says that a set is stored in another order', async () => {
    const swapped = replaced(replaced(replaced(sample, '\x01x', '\x01?'), '\x01y', '\x01x'), '\x01?', '\x01y');
    const found = await compareAllWays(sample, swapped);
    expect(reasonsOf(found)).toEqual([{ kind: 'order', evidence: 'items of set constants in another order' }]);
    expect(found.detail).toBe('equal code and constants');
  });

  it('does not call a set with another item one in another order', async () => {
    const other = replaced(sample, '\x01y', '\x01w');
    const found = await compareAllWays(sample, other);
    expect(reasonsOf(found).filter(({ kind }) => kind === 'order')).toEqual([]);
    expect(found.detail).toMatch(/^differing code objects/);
  });

  it('does not take other bytes after the code for equal objects', async () => {
    const ending = (text: string): Buffer => Buffer.concat([sample, Buffer.from(text)]);
    const found = await compareAllWays(ending('one'), ending('two'));
    expect(reasonsOf(found)).toEqual([]);
    expect(found.detail).toBe('equal code and constants');
    expect(pathsOf(found)).toEqual(['file', '(after the code)']);
  });

  it('names the release, and tells the header where the code cannot be read', async () => {
    const found = await compareAllWays(sample, fixture('sample-3.12.pyc'));
    expect(reasonsOf(found)[0]).toMatchObject({ kind: 'version-text', left: '3.11', right: '3.12' });
    const broken = await compareBytes(sample, patched(sample, 8, [1]).subarray(0, 300));
    expect(notesOf(broken).join()).toContain('FORMAT_MALFORMED: reading ');
    expect(pathsOf(broken)).toEqual(['file', 'code', 'strings']);
    expect(reasonsOf(broken)[0]?.kind).toBe('timestamp');
  });

  it('never throws and never says equal, wherever one is cut or broken', () => survivesDamage(sample, 5));
});
