import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bufferSource, type CompareLimits, explain } from '../../compare/index.ts';
import type { Difference } from '../../model/index.ts';
import { HOSTILE_BINARIES } from '../helpers/hostile-binaries.ts';
import { mirror } from '../helpers/mirror.ts';
import {
  cell,
  fatFile,
  innerPage,
  leafPage,
  machCommand,
  machFile,
  machSegment,
  pagesOverAndOver,
  peFile,
  peStart,
  rpmFile,
  schemaPage,
  sqliteFile,
} from '../helpers/small-binaries.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const compare = (left: Buffer, right: Buffer, limits: Partial<CompareLimits> = {}): Promise<Difference> =>
  explain(bufferSource('file', left), bufferSource('file', right), { limits });
const all = (node: Difference): Difference[] => [node, ...node.children.flatMap(all)];
const told = (node: Difference): string =>
  all(node)
    .flatMap(({ notes, detail = '' }) => [...notes, detail])
    .join('\n');
function flipped(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes);
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
  return other;
}

describe('a file made to break its reader', () => {
  it.each(Object.entries(HOSTILE_BINARIES))(
    'is told apart, and what is wrong with it: %s',
    async (_name, { bytes, says }) => {
      const found = await compare(bytes, flipped(bytes));
      expect(found.kind).not.toBe('identical');
      if (says.source !== '^$') expect(told(found)).toMatch(says);
      expect(await compare(flipped(bytes), bytes)).toEqual(mirror(found));
      expect((await compare(bytes, bytes)).kind).toBe('identical');
      expect((await compare(bytes, Buffer.concat([bytes, bytes]))).kind).not.toBe('identical');
    },
  );

  it.each([
    [
      'of its schema',
      [innerPage(2, 40, true), ...pagesOverAndOver(2, 15, leafPage([cell(1, ['a', 'b', 'c', 0, ''])]))],
    ],
    ['of a table', [schemaPage(), ...pagesOverAndOver(2, 15, leafPage([cell(1, ['x'])]))]],
  ])('is given up after a while where SQLite reads the pages %s over and over', async (_where, pages) => {
    const bytes = sqliteFile(pages);
    const found = await compare(bytes, flipped(bytes), { programSeconds: 2 });
    expect(told(found)).toMatch(/PROGRAM_LIMIT: running sqlite3/);
    expect(told(found)).toMatch(/differing pages: 1 of 17/);
  });

  it('is told apart where an SQLite schema claims a million columns', async () => {
    const folder = await temporaryFolder();
    const columns = Array.from({ length: 1_000_000 }, (_, index) => `c${index}`).join();
    const input = `CREATE TABLE t(a); INSERT INTO t VALUES (1); PRAGMA writable_schema = on;
      UPDATE sqlite_schema SET sql = 'CREATE TABLE t(${columns})';`;
    execFileSync('sqlite3', ['-batch', join(folder, 'db')], { input });
    const bytes = await readFile(join(folder, 'db'));
    expect(bytes.length).toBeGreaterThan(6_000_000);
    expect(told(await compare(bytes, flipped(bytes)))).toMatch(/sqlite3 could not read a side|differing pages/);
  });
});

const WHOLE: Readonly<Record<string, Buffer>> = {
  sqlite: sqliteFile([schemaPage(), leafPage([cell(1, ['x'])])]),
  rpm: rpmFile(
    [
      [1000, 6, 0, 1],
      [1006, 4, 4, 1],
      [1117, 8, 8, 2],
    ],
    Buffer.from('abc\0\0\0\0\x01one\0two\0'),
  ),
  pe: peFile([{ offset: peStart(1), size: 16 }], Buffer.from('a section'.padEnd(24))),
  'mach-o': machFile(
    [machCommand(0x1b, Buffer.alloc(16, 'u')), machSegment(1, { offset: 32 + 24 + 152, size: 16 })],
    Buffer.from('a section'.padEnd(16)),
  ),
  'mach-o-universal': fatFile([{ offset: 28, size: 40 }], machFile([], Buffer.from('12345678'))),
};

describe('such a file cut at each byte', () => {
  it.each(Object.entries(WHOLE))('is never equal to the whole: %s', async (kind, bytes) => {
    expect((await compare(bytes, flipped(bytes))).kind).toBe(kind);
    for (let length = 0; length < bytes.length; length++) {
      const cut = Buffer.from(bytes.subarray(0, length));
      const found = await compare(bytes, cut, { programRuns: 0 });
      expect(found.kind).not.toBe('identical');
      if (length % 16 === 0) expect(await compare(cut, bytes, { programRuns: 0 })).toEqual(mirror(found));
    }
  });
});
