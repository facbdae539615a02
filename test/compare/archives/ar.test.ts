import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';

const folder = mkdtempSync(join(tmpdir(), 'ar-compare-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Both ways round: the second must be the first mirrored. */
async function compare(left: Buffer, right: Buffer): Promise<Difference> {
  const found = await explain(bufferSource('x.a', left), bufferSource('x.a', right));
  expect(await explain(bufferSource('x.a', right), bufferSource('x.a', left))).toEqual(mirror(found));
  return found;
}

function madeByAr(files: Record<string, string>, options = 'rcU'): Buffer {
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(folder, file), text);
    utimesSync(join(folder, file), 1_700_000_000, 1_700_000_000);
  }
  rmSync(join(folder, 'x.a'), { force: true });
  execFileSync('ar', [options, 'x.a', ...Object.keys(files)], { cwd: folder });
  return readFileSync(join(folder, 'x.a'));
}

/** GNU's symbol table of these symbols, each with the offset of its member's header. */
function symbolTable(symbols: Record<string, number>): string {
  const numbers = [Object.keys(symbols).length, ...Object.values(symbols)].map((value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes.toString('latin1');
  });
  return `${numbers.join('')}${Object.keys(symbols)
    .map((name) => `${name}\0`)
    .join('')}`;
}

function member(name: string, content: string, padding = '\n'): string {
  const fields = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}`;
  const odd = content.length % 2 === 1 ? padding : '';
  return `${fields}${String(content.length).padEnd(10)}\`\n${content}${odd}`;
}
const archive = (...members: string[]): Buffer => Buffer.from(`!<arch>\n${members.join('')}`, 'latin1');

describe('explaining how two static libraries differ', () => {
  it('names the member whose time and mode differ', async () => {
    const left = madeByAr({ 'a.o': 'a', 'b.o': 'b' });
    const right = Buffer.from(left.toString('latin1').replace('1700000000  ', '1700000001  '), 'latin1');
    const found = await compare(left, right);
    expect(found.children).toMatchObject([
      { path: 'a.o', fields: [{ name: 'mtime', left: '2023-11-14T22:13:20Z', right: '2023-11-14T22:13:21Z' }] },
    ]);
  });

  it('tells members of one name apart by their place among themselves', async () => {
    const found = await compare(
      archive(member('a.o/', 'one'), member('a.o/', 'two')),
      archive(member('a.o/', 'one'), member('a.o/', 'TWO')),
    );
    expect(found.children).toMatchObject([{ path: 'a.o', diff: expect.stringContaining('-two\n') }]);
  });

  it('says that symbols only moved', async () => {
    const found = await compare(
      archive(member('/', symbolTable({ a: 72, b: 134 })), member('a.o/', 'aa'), member('b.o/', 'b')),
      archive(member('/', symbolTable({ a: 72, b: 136 })), member('a.o/', 'aaaa'), member('b.o/', 'b')),
    );
    expect(found.children).toMatchObject([
      { path: '/', kind: 'ar-symbols', reasons: [{ kind: 'addresses' }] },
      { path: 'a.o', kind: 'text' },
    ]);
  });

  it('names symbols that are gone, new, elsewhere or in another order', async () => {
    const table = (symbols: Record<string, number>): Buffer => archive(member('/', symbolTable(symbols)));
    const changed = await compare(table({ a: 100, b: 200 }), table({ a: 100, c: 100 }));
    expect(changed.children[0]?.diff).toBe('@@ -1,2 +1,2 @@\n a in member 1\n-b in member 2\n+c in member 1\n');
    const ordered = await compare(table({ a: 100, b: 200 }), table({ b: 200, a: 100 }));
    expect(ordered.children[0]?.reasons).toMatchObject([{ kind: 'order' }]);
  });

  it('shows padding, a stored name, a header written otherwise, and what follows the end', async () => {
    const found = await compare(
      archive(member('a/', 'x'), member('b', 'yy'), member('c', 'zz').replace('644     ', '644     ')),
      archive(member('a/', 'x', '\0'), member('b/', 'yy'), member('c', 'zz').replace('644     ', '0644    '), 'more'),
    );
    expect(found.fields).toEqual([{ name: 'padding', right: 'byte 0x00 after a' }]);
    expect(found.children).toMatchObject([
      { path: '(bytes after the last member)', right: { size: 4 } },
      { path: 'b', fields: [{ name: 'stored name', left: 'b', right: 'b/' }] },
      { path: 'c', fields: [{ name: 'header as written' }] },
    ]);
  });

  it('looks into thin archives, whose members are elsewhere', async () => {
    const [thin, fat] = [madeByAr({ 'a.o': 'a', 'b.o': 'b' }, 'rcUT'), madeByAr({ 'a.o': 'a', 'b.o': 'b' })];
    expect((await compare(thin, fat)).fields).toContainEqual({
      name: 'variant',
      left: 'thin: the contents of the members are elsewhere',
    });
    const longer = madeByAr({ 'a.o': 'aa', 'b.o': 'b' }, 'rcUT');
    const found = await compare(thin, longer);
    expect(found.children).toMatchObject([{ path: 'a.o', fields: [{ name: 'size', left: '1', right: '2' }] }]);
  });

  it('says what it could not read of a broken symbol table, and compares its bytes', async () => {
    const found = await compare(archive(member('/', '\0\0\0\x05ab')), archive(member('/', '\0\0\0\x05ac')));
    expect(found.children).toMatchObject([{ kind: 'bytes', notes: [expect.stringContaining('FORMAT_MALFORMED')] }]);
  });
});
