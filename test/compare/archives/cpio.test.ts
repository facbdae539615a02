import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpio-compare-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Both ways round: the second must be the first mirrored. */
async function compare(left: Buffer, right: Buffer): Promise<Difference> {
  const found = await explain(bufferSource('initrd', left), bufferSource('initrd', right));
  expect(await explain(bufferSource('initrd', right), bufferSource('initrd', left))).toEqual(mirror(found));
  return found;
}

let count = 0;
/** A folder with these files, every date the same. */
function tree(files: Record<string, string>): string {
  const root = join(folder, `tree-${count++}`);
  mkdirSync(root);
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(root, name), content);
    utimesSync(join(root, name), 1_700_000_000, 1_700_000_000);
  }
  return root;
}

function cpioOf(root: string, names: readonly string[], format = 'newc'): Buffer {
  const argv = ['-o', '--quiet', '--reproducible', '-H', format];
  return execFileSync('cpio', argv, { cwd: root, input: `${names.join('\n')}\n` });
}

/** The number that differs of inodes, which every new file has another of, and what else differs. */
const named = (found: Difference): string[] =>
  found.children.flatMap((child) => [child.path, ...(child.fields ?? []).map(({ name }) => `${child.path} ${name}`)]);

describe('explaining how two cpio archives differ', () => {
  it.each(['newc', 'crc', 'odc', 'bin'])('goes into the members of %s', async (format) => {
    const left = cpioOf(tree({ a: 'one', b: 'same' }), ['a', 'b'], format);
    const right = cpioOf(tree({ a: 'two', b: 'same' }), ['a', 'b'], format);
    const found = await compare(left, right);
    expect(found.kind).toBe('cpio');
    expect(found.children.find(({ path }) => path === 'a')?.diff).toContain('-one\n');
    expect(named(found)).not.toContain('b');
  });

  it('reads numbers of either byte order', async () => {
    const little = cpioOf(tree({ a: 'one' }), ['a'], 'bin');
    const big = Buffer.from(little);
    // Headers are 13 numbers, at 0 and after a's name and content: 26 + 2 + 4.
    for (const start of [0, 32]) big.subarray(start, start + 26).swap16();
    const found = await compare(little, big);
    expect(found.fields).toContainEqual({ name: 'variant', left: 'bin-le', right: 'bin-be' });
    expect(found.children).toEqual([]);
  });

  it('names mode, time, order and links', async () => {
    const root = tree({ a: 'a', b: 'b' });
    linkSync(join(root, 'a'), join(root, 'hard'));
    symlinkSync('a', join(root, 'soft'));
    const left = cpioOf(root, ['a', 'b', 'hard', 'soft']);
    chmodSync(join(root, 'b'), 0o600);
    utimesSync(join(root, 'b'), 1_700_000_001, 1_700_000_001);
    rmSync(join(root, 'soft'));
    symlinkSync('b', join(root, 'soft'));
    const found = await compare(left, cpioOf(root, ['soft', 'a', 'b', 'hard']));
    expect(named(found)).toEqual(expect.arrayContaining(['b mode', 'b mtime', 'soft']));
    expect(found.reasons).toMatchObject([{ kind: 'order' }]);
    const unlinked = await compare(left, cpioOf(root, ['hard', 'b', 'soft']));
    expect(named(unlinked)).toContain('hard hard link to');
  });

  it('does not call a file empty whose content stands with another of its links', async () => {
    const root = tree({ a: 'text' });
    linkSync(join(root, 'a'), join(root, 'b'));
    const linked = cpioOf(root, ['a', 'b']);
    const apart = cpioOf(tree({ a: 'text', b: 'text' }), ['a', 'b']);
    const found = await compare(linked, apart);
    const [a] = found.children.filter(({ path }) => path === 'a');
    expect(a).toMatchObject({ detail: 'of another type' });
    expect(a?.fields).toContainEqual({ name: 'type', left: 'hard link without content here', right: 'file' });
    expect(a?.diff).toBeUndefined();
    expect(found.children.find(({ path }) => path === 'b')?.detail).toBe('equal content, other header');
  });

  it('shows what is padded with other than NULs, how headers are written, and a missing trailer', async () => {
    const left = cpioOf(tree({ a: 'one' }), ['a']);
    const trailer = left.indexOf('0707', 8);
    const padded = Buffer.from(left);
    padded[trailer - 1] = 1;
    expect((await compare(left, padded)).fields).toContainEqual({ name: 'padding', right: '01 after a' });
    const cut = await compare(left, left.subarray(0, trailer));
    expect(cut.fields?.find(({ name }) => name === 'trailer')?.right).toBe('missing');
    const longer = await compare(left, Buffer.concat([left, Buffer.alloc(512)]));
    expect(longer.fields?.map(({ name }) => name)).toEqual(['zeros after the trailer']);
    const checked = Buffer.from(left);
    checked.write('1', 109);
    expect(named(await compare(left, checked))).toEqual(['a', 'a check']);
    const behind = (last: string): Buffer => {
      const name = Buffer.from(`a\0${'n'.repeat(301)}${last}`);
      const header = left.toString('latin1', 0, 94) + name.length.toString(16).padStart(8, '0');
      return Buffer.concat([Buffer.from(`${header}00000000`), name, Buffer.alloc(2), left.subarray(112)]);
    };
    expect(named(await compare(behind('1'), behind('2')))).toContain('a header as written');
    const mode = left.toString('latin1').replace(/^(.{14})(.{8})/, (_, before) => `${before}0000A1a4`);
    expect(named(await compare(left, Buffer.from(mode, 'latin1')))).toContain('a header as written');
  });
});

describe('digits of cpio headers in lower case, as rpm writes them', () => {
  it('are told of where the other side has capitals, and not as a value where both have none', async () => {
    const upper = cpioOf(tree({ a: 'one' }), ['a']);
    const lower = Buffer.from(upper.toString('latin1').replace(/^[0-9A-F]{110}/, (header) => header.toLowerCase()));
    const later = Buffer.from(lower.toString('latin1').replace('6553f100', '6553f1ff'));
    expect(named(await compare(lower, later))).toEqual(['a', 'a mtime']);
    const found = await compare(upper, lower);
    expect(found.children[0]?.fields).toEqual([{ name: 'header as written', right: 'digits in lower case' }]);
  });
});

describe('explaining how two initrds differ', () => {
  it('goes into the archive behind the first, whatever it is compressed with', async () => {
    const early = cpioOf(tree({ microcode: 'x' }), ['microcode']);
    const initrd = (text: string): Buffer =>
      Buffer.concat([early, Buffer.alloc(1024), gzipSync(cpioOf(tree({ init: text }), ['init']))]);
    const found = await compare(initrd('one'), initrd('two'));
    const path: string[] = [];
    for (let node: Difference | undefined = found; node !== undefined; node = node.children[0])
      path.push(`${node.path} ${node.kind}`);
    expect(path).toEqual([
      'initrd cpio',
      '(what follows the archive) gzip',
      '(what follows the archive) (unpacked) cpio',
      'init text',
    ]);
  });
});
