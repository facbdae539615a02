import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSqliteHeader, sqliteValue } from '../../formats/index.ts';
import {
  changedLines,
  compareAllWays,
  compareBytes,
  fieldsOf,
  notesOf,
  patched,
  pathsOf,
  reasonsOf,
} from '../helpers/compare-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function database(...statements: string[]): Buffer {
  const path = join(folder, `${count++}.db`);
  execFileSync('sqlite3', ['-batch', path, ['PRAGMA page_size=512', ...statements].join(';')]);
  return readFileSync(path);
}

const TABLE = 'CREATE TABLE fruit (id INTEGER PRIMARY KEY, name TEXT)';
const plain = database(TABLE, "INSERT INTO fruit VALUES (1, 'apple'), (2, 'pear')");

describe('explaining how two SQLite databases differ', () => {
  it('reads of the header what sqlite3 reads', () => {
    const path = join(folder, `${count++}.db`);
    execFileSync('sqlite3', ['-batch', path, `PRAGMA page_size=1024; PRAGMA user_version=7; ${TABLE}`]);
    const pragmas = 'PRAGMA page_count; PRAGMA schema_version; PRAGMA user_version; SELECT sqlite_version()';
    const judged = execFileSync('sqlite3', [path, pragmas]).toString().split('\n');
    const { pageBytes, numbers } = readSqliteHeader(readFileSync(path));
    expect(pageBytes).toBe(1024);
    expect(numbers).toMatchObject({
      pages: Number(judged[0]),
      'schema cookie': Number(judged[1]),
      'user version': Number(judged[2]),
      encoding: 1,
    });
    expect(sqliteValue('SQLite version', numbers['SQLite version'] ?? 0)).toBe(judged[3]);
  });

  it('names the row that differs', async () => {
    const found = await compareAllWays(plain, database(TABLE, "INSERT INTO fruit VALUES (1, 'apple'), (2, 'plum')"));
    expect(found).toMatchObject({ kind: 'sqlite', detail: 'differing pages: 1 of 2 (2)' });
    expect(pathsOf(found)).toEqual(['file', 'schema and rows']);
    expect(changedLines(found)).toEqual([
      "-INSERT INTO fruit VALUES(2,'pear');",
      "+INSERT INTO fruit VALUES(2,'plum');",
    ]);
  });

  it('tells dates and paths that rows differ in', async () => {
    const of = (folder: string, day: string): Buffer =>
      database(TABLE, `INSERT INTO fruit VALUES (1, '/build/${folder}/x'), (2, '2024-01-0${day} 10:00:00')`);
    const found = await compareAllWays(of('a', '1'), of('b', '2'));
    expect(reasonsOf(found).map(({ kind, left, right }) => [kind, left, right])).toEqual([
      ['timestamp', '2024-01-01 10:00:00', '2024-01-02 10:00:00'],
      ['path', '/build/a/x', '/build/b/x'],
    ]);
  });

  it('says that the same rows are stored otherwise', async () => {
    const rewritten = database(
      TABLE,
      "INSERT INTO fruit VALUES (2, 'pear'), (9, 'gone')",
      'DELETE FROM fruit WHERE id = 9',
      "INSERT INTO fruit VALUES (1, 'apple')",
    );
    const found = await compareBytes(plain, rewritten);
    expect(found.children).toEqual([]);
    expect(notesOf(found)).toEqual(['the same schema and rows']);
    expect(reasonsOf(found).map(({ kind }) => kind)).toEqual(['layout']);
    expect(fieldsOf(found).map(({ name }) => name)).toContain('file change counter');
  });

  it('takes a number that the application keeps in the header for data, and no other layout', async () => {
    const numbered = database(TABLE, "INSERT INTO fruit VALUES (1, 'apple'), (2, 'pear')", 'PRAGMA user_version=7');
    const found = await compareAllWays(plain, numbered);
    expect(fieldsOf(found)).toContainEqual({ name: 'user version', left: '0', right: '7' });
    expect(reasonsOf(found)).toEqual([
      { kind: 'data', evidence: 'the same schema and rows, and another user version or application id' },
    ]);
  });

  it('tells columns in another order from rows in another order', async () => {
    const of = (...columns: string[]): Buffer => database(`CREATE TABLE t (\n${columns.join(',\n')},\nc)`);
    const found = await compareAllWays(of('a', 'b'), of('b', 'a'));
    expect(changedLines(found).length).toBeGreaterThan(0);
    expect(reasonsOf(found)).toEqual([]);
    const rows = (...values: string[]): Buffer => database('CREATE TABLE t (a)', `INSERT INTO t VALUES ${values}`);
    const moved = await compareAllWays(rows('(1)', '(2)'), rows('(2)', '(1)'));
    expect(reasonsOf(moved).map(({ kind }) => kind)).toEqual(['order']);
  });

  it('says of texts that a dump shows in part that rows differ', async () => {
    const text = (after: string): Buffer =>
      database(TABLE, `INSERT INTO fruit VALUES (1, 'apple' || char(0) || '${after}')`);
    const found = await compareAllWays(text('green'), text('brown'));
    expect(notesOf(found)).toEqual([]);
    expect(reasonsOf(found)).toEqual([
      { kind: 'data', evidence: 'rows differ in what sqlite3 does not print, such as text after NUL' },
    ]);
  });

  it('shows texts that are no UTF-8 byte by byte', async () => {
    const text = (byte: string): Buffer =>
      database(TABLE, `INSERT INTO fruit VALUES (1, 'p\u00eache'), (2, CAST(x'${byte}' AS TEXT))`);
    const found = await compareAllWays(text('e9'), text('e8'));
    expect(changedLines(found)).toEqual([
      "-INSERT INTO fruit VALUES(2,'\\xe9');",
      "+INSERT INTO fruit VALUES(2,'\\xe8');",
    ]);
    expect(found.children[0]?.diff).toContain(" INSERT INTO fruit VALUES(1,'p\u00eache');\n");
  });

  it('names another version of SQLite', async () => {
    const found = await compareBytes(patched(plain, 96, [0, 46, 99, 1]), patched(plain, 96, [0, 46, 95, 25]));
    expect(reasonsOf(found)[0]).toEqual({
      kind: 'version-text',
      evidence: 'SQLite version in the header',
      left: '3.40.1',
      right: '3.39.1',
    });
  });

  it('tells the header and the pages where no program may be run', async () => {
    const other = database(TABLE, 'PRAGMA user_version=3');
    const found = await compareBytes(plain, other, { limits: { programRuns: 0 } });
    expect(notesOf(found)).toEqual(['schema and rows are not compared: no run of a program is left']);
    expect(fieldsOf(found)).toContainEqual({ name: 'user version', left: '0', right: '3' });
    const large = await compareBytes(plain, other, { limits: { heldBytes: 1000 } });
    expect(notesOf(large)).toEqual(['schema and rows are not compared: the database is larger than 1000 bytes']);
    expect(large.truncated).toBe(true);
  });

  it('keeps a hostile schema from the files of this machine', async () => {
    const [view, other] = ['a', 'b'].map((name) => {
      const path = join(folder, 'secret');
      return database(TABLE, `CREATE VIEW ${name} AS SELECT readfile('${path}')`);
    });
    const found = await compareBytes(view as Buffer, other as Buffer);
    expect(changedLines(found).every((line) => /^[-+]CREATE VIEW [ab] AS SELECT readfile/.test(line))).toBe(true);
  });

  it('falls back to bytes, and never says equal of one that is cut or broken', async () => {
    const noPage = patched(plain, 16, [3, 3]);
    expect(await compareBytes(plain, noPage)).toMatchObject({
      kind: 'bytes',
      notes: ['FORMAT_MALFORMED: reading page size of SQLite database at byte 16'],
    });
    for (const length of [50, 99, 100, 101, 700]) {
      const cut = await compareBytes(plain, plain.subarray(0, length));
      expect(cut.kind).not.toBe('identical');
    }
    const broken = await compareBytes(plain, patched(plain, 512, [0xff, 0xff, 0xff, 0xff]));
    expect(broken.detail).toBe('differing pages: 1 of 2 (2)');
  });
});
