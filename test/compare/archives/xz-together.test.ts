import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Difference } from '../../../model/index.ts';
import { compareBytes, nodesOf, notesOf, patched } from '../../helpers/compare-bytes.ts';
import { tarFile } from '../../helpers/hostile-files.ts';
import { mirror } from '../../helpers/mirror.ts';

const folder = mkdtempSync(join(tmpdir(), 'xz-together-'));
const { PATH = '' } = process.env;
const xz = execFileSync('sh', ['-c', 'command -v xz'], { encoding: 'utf8' }).trim();
const runs = join(folder, 'runs');
writeFileSync(join(folder, 'xz'), `#!/bin/sh\necho "$*" >> '${runs}'\nexec '${xz}' "$@"\n`);
chmodSync(join(folder, 'xz'), 0o755);
afterEach(() => {
  process.env.PATH = PATH;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** How often xz unpacked something while `work` was done. */
async function unpackings(work: () => Promise<unknown>): Promise<number> {
  writeFileSync(runs, '');
  process.env.PATH = `${folder}${delimiter}${PATH}`;
  await work();
  return readFileSync(runs, 'utf8').match(/-dc$/gm)?.length ?? 0;
}

const packed = (content: string | Buffer, ...options: string[]): Buffer =>
  execFileSync(xz, ['-zc', ...options], { input: content });
const COUNT = 40;
const contents = (side: string): string[] =>
  Array.from({ length: COUNT }, (_, index) => `${index} of the members\nwritten on the ${side}\n`.repeat(index + 1));
const archive = (members: readonly Buffer[]): Buffer =>
  tarFile(members.map((bytes, index) => ({ name: `m${String(index).padStart(2, '0')}.xz`, content: bytes })));
const left = contents('left').map((content) => packed(content));
const right = contents('right').map((content) => packed(content));

describe('many members packed with xz', () => {
  it('are unpacked by one run for either side, and told each by itself', async () => {
    const found: Difference[] = [];
    const count = await unpackings(async () => found.push(await compareBytes(archive(left), archive(right))));
    expect(count).toBe(2);
    const [tree] = found as [Difference];
    const lines = nodesOf(tree).filter((line) => /^m\d\d \| text/.test(line));
    expect(lines.length).toBe(COUNT);
    expect(await compareBytes(archive(right), archive(left))).toEqual(mirror(tree));
  });

  it.each([
    [
      'is broken',
      (bytes: Buffer): Buffer => patched(bytes, bytes.length >> 1, [(bytes[bytes.length >> 1] as number) ^ 1]),
    ],
    ['says in its index to hold one byte less', (bytes: Buffer): Buffer => withIndex(bytes, -1)],
    ['says in its index to hold one byte more', (bytes: Buffer): Buffer => withIndex(bytes, 1)],
  ])('are told the same where one of them %s, which is noted there', async (_, spoil) => {
    const whole = await compareBytes(archive(left), archive(right));
    const spoilt = await compareBytes(archive(left.with(0, spoil(left[0] as Buffer))), archive(right));
    const others = (tree: Difference): readonly Difference[] => tree.children.filter(({ path }) => path !== 'm00.xz');
    expect(others(whole).length).toBe(COUNT - 1);
    expect(others(spoilt)).toEqual(others(whole));
    const notes = spoilt.children.filter(({ path }) => path === 'm00.xz').flatMap(notesOf);
    expect(notes.join()).toMatch(/PROGRAM_FAILED: running xz: it ended with status 1/);
  });

  it('are unpacked alone where they say to hold much, and the others together', async () => {
    const much = Buffer.alloc(70 * 2 ** 20);
    const [old, now] = [packed(much, '-1'), packed(patched(much, much.length - 1, [1]), '-1')];
    const found: Difference[] = [];
    const count = await unpackings(async () =>
      found.push(await compareBytes(archive([...left, old]), archive([...right, now]))),
    );
    expect(count).toBeGreaterThan(2);
    expect(count).toBeLessThan(COUNT);
    expect(nodesOf(found[0] as Difference).filter((line) => /^m\d\d \| /.test(line)).length).toBe(COUNT + 1);
  });
});

/** A stream of one short block with another size of its content in the index, all checks right (xz-file-format 4). */
function withIndex(stream: Buffer, change: number): Buffer {
  const indexAt = stream.length - 12 - (stream.readUInt32LE(stream.length - 8) + 1) * 4;
  const sizeAt = indexAt + 3;
  expect(stream[sizeAt - 1]).toBeLessThan(0x80);
  expect(stream[sizeAt]).toBeLessThan(0x7f);
  const other = patched(stream, sizeAt, [(stream[sizeAt] as number) + change]);
  other.writeUInt32LE(crc32(other.subarray(indexAt, stream.length - 16)), stream.length - 16);
  return other;
}
