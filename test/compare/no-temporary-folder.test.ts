import { execFileSync } from 'node:child_process';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../compare/comparison.ts';
import { readComparison } from '../../compare/index.ts';
import type { Difference } from '../../model/index.ts';
import { readSeeds } from '../fuzz/targets.ts';
import { madeBy } from '../helpers/compiled-object.ts';
import { mirror } from '../helpers/mirror.ts';
import { runCli, temporaryFolder } from '../helpers/run-cli.ts';

const seeds = readSeeds(join(import.meta.dirname, '../fixtures/fuzz'));
const seed = (wanted: string): Buffer => seeds.find(({ name }) => name === wanted)?.bytes ?? Buffer.alloc(0);

/** The bytes with another one at this place. */
function changed(bytes: Buffer, at: number): Buffer {
  const other = Buffer.from(bytes);
  other[at] = (other[at] ?? 0) ^ 1;
  return other;
}

const program = (factor: number): Buffer =>
  madeBy(
    [['gcc', '-O1', '-fno-inline', '-o', 'program', 'main.c']],
    { 'main.c': `int f(int a) { return a * ${factor} + 1; }\nint main(void) { return f(3); }\n` },
    ['program'],
  ).made[0] as Buffer;
/** Blocks of 64 KiB, of which one differs. */
const blocks = (last: string): Buffer =>
  execFileSync('xz', ['-c', '--block-size=65536'], {
    input: Array.from({ length: 40_000 }, (_, index) => (index === 30_000 ? last : `${(index * 7919) % 1000}\n`)).join(
      '',
    ),
  });

/** Both sides of what needs a copy on disk, by name. */
const FILES: Readonly<Record<string, () => readonly [Buffer, Buffer]>> = {
  program: () => [program(3), program(77)],
  'program.xz': () =>
    [program(3), program(77)].map((input) => execFileSync('xz', ['-c'], { input })) as [Buffer, Buffer],
  'blocks.xz': () => [blocks('one\n'), blocks('two\n')],
  sqlite: () => [seed('sqlite'), changed(seed('sqlite'), 27)],
  squashfs: () => [seed('squashfs'), changed(seed('squashfs'), 8)],
  'image.iso': () => [seed('iso'), changed(seed('iso'), seed('iso').lastIndexOf('hello'))],
  'ext.gz': () => {
    const [one, other] = [seed('ext'), changed(seed('ext'), 1024 + 0x78)];
    return [one, other].map((input) => execFileSync('gzip', ['-nc'], { input })) as [Buffer, Buffer];
  },
  'paper.pdf': () => [seed('pdf'), changed(seed('pdf'), seed('pdf').length - 30)],
};

/** Two folders of such files compared by the command line, for which TMPDIR is no folder that can be written to. */
async function compareWith(TMPDIR: string, swapped = false): Promise<{ status: number | null; found: Comparison }> {
  const home = await temporaryFolder();
  await writeFile(join(home, 'file'), 'no folder');
  for (const [index, side] of ['a', 'b'].entries()) {
    await mkdir(join(home, side));
    for (const [name, sides] of Object.entries(made)) {
      await writeFile(join(home, side, name), sides[index] as Buffer);
      await utimes(join(home, side, name), 0, 0);
    }
    await utimes(join(home, side), 0, 0);
  }
  const argv = ['compare', '--json', '-', ...(swapped ? ['b', 'a'] : ['a', 'b'])];
  const { status, stdout } = await runCli(home, argv, { TMPDIR: TMPDIR.replace('HOME', home) });
  return { status, found: readComparison(stdout) };
}

const made: Record<string, readonly [Buffer, Buffer]> = {};
beforeAll(() => {
  for (const [name, make] of Object.entries(FILES)) made[name] = make();
});
const all = (node: Difference): Difference[] => [node, ...node.children.flatMap(all)];

describe('comparing where no temporary file can be written', () => {
  it.each(['/nonexistent/folder', 'HOME/file'])('goes on with TMPDIR at %s', async (TMPDIR) => {
    const { status, found } = await compareWith(TMPDIR);
    expect(status).toBe(1);
    const tree = found.difference as Difference;
    expect(tree.children.map(({ path }) => path).sort()).toEqual(Object.keys(FILES).sort());
    const notesOf = (path: string): string =>
      all(tree.children.find((child) => child.path === path) as Difference)
        .flatMap(({ notes }) => notes)
        .join('\n');
    for (const path of ['program', 'program.xz', 'sqlite', 'squashfs', 'image.iso', 'ext.gz'])
      expect([path, notesOf(path)]).toEqual([path, expect.stringContaining('writing a temporary file: ENO')]);
    const program = tree.children.find(({ path }) => path === 'program') as Difference;
    expect(all(program).some(({ truncated }) => truncated)).toBe(true);
    const text = JSON.stringify(tree);
    expect(text).not.toContain('nonexistent');
    // All that needs no file is told.
    expect(text).toContain('differing functions with names: f');
    expect(text).toContain('-one\\n+two');
    expect(tree.children.find(({ path }) => path === 'sqlite')?.fields).toHaveLength(1);
    const other = await compareWith(TMPDIR, true);
    expect(other.found.difference).toEqual(mirror(tree));
  });
});
