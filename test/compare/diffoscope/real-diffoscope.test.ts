import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { runCli, temporaryFolder } from '../../helpers/run-cli.ts';

const OPTIONS = ['--mtime=@1700000000', '--owner=0', '--group=0', '--numeric-owner', '--sort=name'];

/** A tar archive by tar(1) of these files. */
function tarOf(home: string, name: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  const folder = join(home, `${name}.d`);
  mkdirSync(folder);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  execFileSync('tar', ['-c', ...OPTIONS, '-f', join(home, name), '-C', folder, ...Object.keys(files)]);
}

/** Small packages by dpkg-deb(1) that differ in one line of one file. */
function packagePair(home: string): void {
  for (const [side, word] of [
    ['left', 'one'],
    ['right', 'two'],
  ] as const) {
    const tree = join(home, `${side}.d`);
    mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
    mkdirSync(join(tree, 'usr/share/x'), { recursive: true });
    writeFileSync(join(tree, 'usr/share/x/words'), `first\n${word}\nlast\n`);
    const control = [
      'Package: x',
      'Version: 1',
      'Architecture: all',
      'Maintainer: X <x@example.org>',
      'Description: x',
    ];
    writeFileSync(join(tree, 'DEBIAN/control'), `${control.join('\n')}\n`);
    const env = { ...process.env, SOURCE_DATE_EPOCH: '1700000000' };
    execFileSync('dpkg-deb', ['--root-owner-group', '-b', tree, join(home, `${side}.deb`)], { env, stdio: 'ignore' });
  }
}

async function compared(home: string, argv: readonly string[], environment = {}): Promise<Comparison> {
  const { status, stdout, stderr } = await runCli(home, ['compare', '--json', '-', ...argv], {
    TMPDIR: join(home, 'temporary'),
    ...environment,
  });
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  return JSON.parse(stdout) as Comparison;
}

async function home(): Promise<string> {
  const folder = await temporaryFolder();
  mkdirSync(join(folder, 'temporary'));
  return folder;
}

function nodesOf(node: Difference): readonly Difference[] {
  return [node, ...node.children.flatMap(nodesOf)];
}

/** Commands of running processes that name this folder. */
function running(folder: string): string {
  const lines = execFileSync('ps', ['-e', '-o', 'args=']).toString().split('\n');
  return lines.filter((line) => line.includes(folder)).join('\n');
}

const version = execFileSync('diffoscope', ['--version']).toString().trim();

describe('the real diffoscope', () => {
  it('adds its tree of two packages as one node, with its version, and leaves nothing behind', async () => {
    const folder = await home();
    packagePair(folder);
    const { difference, programs, identical } = await compared(folder, [
      '--with',
      'diffoscope',
      'left.deb',
      'right.deb',
    ]);
    const said = difference?.children.at(-1) as Difference;
    expect(identical).toBe(false);
    expect(programs).toContainEqual({ program: 'diffoscope', version });
    expect(said).toMatchObject({
      path: 'diffoscope',
      kind: 'diffoscope',
      detail: `what ${version} says`,
      truncated: false,
    });
    const words = nodesOf(said).find(({ path }) => path === './usr/share/x/words');
    expect(words?.diff).toBe('@@ -1,3 +1,3 @@\n first\n-one\n+two\n last\n');
    expect(nodesOf(said).every(({ kind }) => kind === 'diffoscope')).toBe(true);
    expect(readdirSync(join(folder, 'temporary'))).toEqual([]);
  });

  it('is asked alone of members that are bytes to us, and of no other', async () => {
    const folder = await home();
    // What fontconfig writes to /var/cache/fontconfig: nine numbers, and the name of the folder.
    const cache = (checksum: number): Buffer => {
      const bytes = Buffer.alloc(64 + 16);
      bytes.writeUInt32LE(0xfc02fc04, 0);
      bytes.writeUInt32LE(9, 4);
      bytes.writeBigUInt64LE(64n, 16);
      bytes.writeBigUInt64LE(BigInt(checksum), 48);
      bytes.write('/usr/share/x\0', 64);
      return bytes;
    };
    for (const [side, word] of [
      ['left.tar', 'one\n'],
      ['right.tar', 'two\n'],
    ] as const)
      tarOf(folder, side, {
        'a.txt': word,
        'f-le64.cache-4': cache(word.charCodeAt(0)),
        'n.bin': Buffer.concat([Buffer.from([0, 1, 2, 3]), Buffer.from(word)]),
      });
    const { difference } = await compared(folder, ['--with', 'diffoscope-members', 'left.tar', 'right.tar']);
    const [text, fonts, binary] = difference?.children ?? [];
    expect(difference?.children).toHaveLength(3);
    expect(text).toMatchObject({ path: 'a.txt', kind: 'text', children: [], notes: [] });
    expect(fonts).toMatchObject({ path: 'f-le64.cache-4', kind: 'bytes' });
    expect(fonts?.children).toMatchObject([{ kind: 'diffoscope', detail: `what ${version} says`, truncated: false }]);
    const lines = nodesOf(fonts?.children[0] as Difference).flatMap(({ diff = '' }) => diff.split('\n'));
    expect(lines.filter((line) => /^[-+].* checksum = /.test(line)).map((line) => line.trim())).toEqual([
      expect.stringMatching(/^-.* checksum = 111;/),
      expect.stringMatching(/^\+.* checksum = 116;/),
    ]);
    // Of plain bytes it shows a dump, which is there already.
    expect(binary).toMatchObject({ path: 'n.bin', kind: 'bytes', children: [] });
  });

  it('is asked of as many members as the limit says, and the next one tells of it', async () => {
    const folder = await home();
    for (const side of ['left', 'right'])
      tarOf(folder, `${side}.tar`, { a: Buffer.from(`\0${side}`), b: Buffer.from(`\0\0${side}`) });
    const argv = ['--with', 'diffoscope-members', '--limit', 'diffoscopeRuns=1', 'left.tar', 'right.tar'];
    const { difference, truncated } = await compared(folder, argv);
    expect(truncated).toBe(true);
    expect(difference?.children.map(({ notes, truncated: cut }) => [notes, cut])).toEqual([
      [[], false],
      [['diffoscope: not asked: the limit of 1 diffoscopeRuns was reached'], true],
    ]);
  });

  it('is ended with all that it started by the limit of time, and the rest stands', async () => {
    const folder = await home();
    const programs = join(folder, 'programs');
    mkdirSync(programs);
    // It asks cmp(1) whether longer files are equal, which never answers here.
    writeFileSync(join(programs, 'cmp'), '#!/bin/sh\nsleep 1000\n', { mode: 0o755 });
    for (const side of ['left', 'right'])
      writeFileSync(join(folder, side), `${'x\n'.repeat(2 ** 17)}${side.padStart(5)}\n`);
    const argv = ['--with', 'diffoscope', '--limit', 'programSeconds=3', 'left', 'right'];
    const { difference, truncated } = await compared(folder, argv, { PATH: `${programs}:${process.env.PATH}` });
    expect(truncated).toBe(true);
    expect(difference).toMatchObject({ kind: 'text', diff: expect.stringContaining('- left\n+right\n') });
    expect(difference?.children.at(-1)).toMatchObject({
      kind: 'diffoscope',
      notes: ['PROGRAM_LIMIT: running diffoscope: not done after 3 s'],
      truncated: true,
    });
    expect(running(folder)).toBe('');
    expect(readdirSync(join(folder, 'temporary'))).toEqual([]);
  });

  it('gives no verdict when it ends with 2: that is a note', async () => {
    const folder = await home();
    const programs = join(folder, 'programs');
    mkdirSync(programs);
    // The real program, told to compare what is not there.
    const script = `#!/bin/sh\nif [ "$1" = --version ]; then exec /usr/bin/diffoscope "$1"; fi\nexec /usr/bin/diffoscope "$@".none\n`;
    writeFileSync(join(programs, 'diffoscope'), script, { mode: 0o755 });
    for (const side of ['left', 'right']) writeFileSync(join(folder, side), side);
    const argv = ['--with', 'diffoscope', 'left', 'right'];
    const { difference, identical } = await compared(folder, argv, { PATH: `${programs}:${process.env.PATH}` });
    expect(identical).toBe(false);
    expect(difference?.diff).toContain('-left\n');
    expect(difference?.children.at(-1)).toMatchObject({ kind: 'diffoscope', children: [], truncated: false });
    expect(difference?.children.at(-1)?.notes).toEqual([expect.stringMatching(/^no report: it ended with status 2/)]);
  });
});

describe('the JSON we write for diffoscope', () => {
  it.each(['deb', 'tar', 'hostile'] as const)(
    'is loaded by the real program, which says the same: %s',
    async (kind) => {
      const folder = await home();
      if (kind === 'deb') packagePair(folder);
      else
        for (const side of ['left', 'right'])
          tarOf(folder, `${side}.deb`, {
            'words & <b>more': `first\n${kind === 'hostile' ? '\u001b[31m\u202e</pre><script>`|*' : ''}${side}\nlast\n`,
            bytes: Buffer.from([0, 1, 2, side.length]),
            [`only-${side}`]: 'x',
          });
      await compared(folder, ['--diffoscope-json', 'ours.json', 'left.deb', 'right.deb']);
      const outputs = ['--html', 'out.html', '--text', 'out.txt', '--markdown', 'out.md', '--json', 'out.json'];
      const loaded = spawnSync('diffoscope', ['--load-existing-diff', 'ours.json', ...outputs], { cwd: folder });
      expect({ status: loaded.status, stderr: loaded.stderr.toString() }).toEqual({ status: 1, stderr: '' });
      const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
      const lines = linesOf(JSON.parse(read('ours.json')) as Node);
      expect(lines.length).toBeGreaterThan(4);
      for (const line of lines) {
        expect(read('out.txt')).toContain(line);
        expect(read('out.md')).toContain(line);
      }
      expect(treeOf(JSON.parse(read('out.json')) as Node)).toEqual(treeOf(JSON.parse(read('ours.json')) as Node));
      expect(read('out.html')).toContain('</html>');
    },
  );

  it('of identical files is loaded, too', async () => {
    const folder = await home();
    writeFileSync(join(folder, 'a'), 'same');
    copyFileSync(join(folder, 'a'), join(folder, 'b'));
    const { status } = await runCli(folder, ['compare', '--diffoscope-json', 'ours.json', 'a', 'b']);
    const loaded = spawnSync('diffoscope', ['--load-existing-diff', 'ours.json', '--text', '-'], { cwd: folder });
    expect([status, loaded.stderr.toString()]).toEqual([0, '']);
  });
});

type Node = {
  readonly source1: string;
  readonly source2: string;
  readonly unified_diff: string | null;
  readonly comments?: readonly string[];
  readonly details?: readonly Node[];
};

/** Every line of every diff that goes or comes. */
function linesOf({ unified_diff: diff, details = [] }: Node): readonly string[] {
  const own = (diff ?? '').split('\n').filter((line) => /^[-+]/.test(line));
  return [...own, ...details.flatMap(linesOf)];
}

/** What of a node diffoscope keeps when it reads one. */
function treeOf({ source1, source2, unified_diff, comments = [], details = [] }: Node): object {
  return { source1, source2, unified_diff, comments, details: details.map(treeOf) };
}
