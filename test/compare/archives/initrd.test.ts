import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Difference } from '../../../model/index.ts';
import { compareBytes, nodesOf } from '../../helpers/compare-bytes.ts';
import { mirror } from '../../helpers/mirror.ts';

const folder = mkdtempSync(join(tmpdir(), 'initrd-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
/** A cpio archive of one file, as mkinitramfs(8) makes it, packed by a program. */
function archive(name: string, text: string, packer: string): Buffer {
  const root = join(folder, `${count++}`);
  mkdirSync(root);
  writeFileSync(join(root, name), text);
  utimesSync(join(root, name), 1_700_000_000, 1_700_000_000);
  const bytes = execFileSync('cpio', ['-o', '--quiet', '--reproducible', '-H', 'newc'], {
    cwd: root,
    input: `${name}\n`,
  });
  const [program = 'cat', ...options] = packer.split(' ');
  return execFileSync(program, options, { input: bytes, stdio: ['pipe', 'pipe', 'ignore'] });
}
const ZSTD = 'zstd -qc';
const LZ4 = 'lz4 -l -c';
const GZIP = 'gzip -cn';
const XZ = 'xz -c --check=crc32';
const BZIP2 = 'bzip2 -c';
const PLAIN = 'cat';
/** Each archive begins at a multiple of 512 bytes. */
const joined = (...parts: readonly Buffer[]): Buffer =>
  Buffer.concat(parts.flatMap((part) => [part, Buffer.alloc((512 - (part.length % 512)) % 512)]));

/** Both ways round: the second must be the first mirrored. */
async function compare(left: Buffer, right: Buffer): Promise<Difference> {
  const found = await compareBytes(left, right, { name: 'initrd' });
  expect(await compareBytes(right, left, { name: 'initrd' })).toEqual(mirror(found));
  return found;
}

describe('comparing initrds made of archives that are packed otherwise', () => {
  it.each([
    [PLAIN, ZSTD, GZIP],
    [PLAIN, LZ4, ZSTD],
    [GZIP, ZSTD, PLAIN],
    [ZSTD, PLAIN, LZ4],
    [LZ4, GZIP, PLAIN],
    [XZ, BZIP2, PLAIN],
    [BZIP2, PLAIN, XZ],
    [PLAIN, XZ, BZIP2],
  ])('goes into each of %s, %s, %s', async (...packers) => {
    const made = (texts: readonly string[]): Buffer =>
      joined(...packers.map((packer, index) => archive(`file${index}`, texts[index] ?? '', packer)));
    for (const changed of [0, 1, 2]) {
      const texts = ['a', 'b', 'c'];
      const found = await compare(made(texts), made(texts.with(changed, 'changed')));
      const told = nodesOf(found).filter((node) => / \| text \| /.test(node));
      expect(told.map((node) => node.split(' ')[0])).toEqual([`file${changed}`]);
      expect(JSON.stringify(found)).not.toContain('PROGRAM_FAILED');
    }
  });

  it.each([ZSTD, LZ4, GZIP, XZ, BZIP2])('tells what only one has behind an archive packed by %s', async (packer) => {
    const one = archive('file', 'a', packer);
    const more = await compare(one, joined(one, archive('more', 'b', GZIP === packer ? ZSTD : GZIP)));
    expect(more.children).toMatchObject([{ path: '(what follows the stream)', detail: 'only on one side' }]);
    const zeros = await compare(one, Buffer.concat([one, Buffer.alloc(16)]));
    expect(zeros.children).toEqual([]);
    expect(zeros.fields).toEqual([{ name: 'trailing bytes', right: '16 bytes of zero' }]);
  });
});
