import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { Budget } from '../../compare/budget.ts';
import { Helpers } from '../../compare/helpers/helper-runner.ts';
import {
  bufferSource,
  type CompareLimits,
  type Comparison,
  compare,
  DEFAULT_COMPARE_LIMITS,
  report,
} from '../../compare/index.ts';
import { gather, type WalkPart } from '../../compare/leaf.ts';
import { differenceNode, type Explanation } from '../../compare/types.ts';
import type { Difference } from '../../model/index.ts';
import { pathsOf } from '../helpers/compare-bytes.ts';
import { tarFile } from '../helpers/hostile-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'limits-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A tar archive by tar(1) of texts that differ between the sides. */
function tar(side: string): Buffer {
  const names = ['a', 'b', 'c'];
  for (const name of names) writeFileSync(join(folder, name), `${name}\n${`${side} ${name}\n`.repeat(100)}`);
  const options = ['--format=ustar', '--mtime=@1700000000', '--owner=0', '--group=0', '--numeric-owner'];
  return execFileSync('tar', ['-c', ...options, '-C', folder, ...names]);
}

/** A database by sqlite3(1). */
function database(side: string): Buffer {
  return execFileSync(
    'sh',
    ['-c', `rm -f d && sqlite3 d "create table t (x); insert into t values ('${side}')" && cat d`],
    {
      cwd: folder,
    },
  );
}

const pairs: Readonly<Record<'tar' | 'gzip' | 'sqlite', readonly [Buffer, Buffer]>> = {
  tar: [tar('left'), tar('right')],
  gzip: [gzipSync(tar('left')), gzipSync(tar('right'))],
  sqlite: [database('left'), database('right')],
};

async function compared(kind: keyof typeof pairs, limits: Partial<CompareLimits>): Promise<Comparison> {
  const [left, right] = pairs[kind];
  return compare(bufferSource(`left.${kind}`, left), bufferSource(`right.${kind}`, right), { limits });
}

function truncatedNodes(node: Difference): readonly Difference[] {
  return [...(node.truncated ? [node] : []), ...node.children.flatMap(truncatedNodes)];
}

describe('a limit of a comparison', () => {
  it.each([
    ['tar', { bytes: 600 }, 'ARCHIVE_LIMIT: comparing: the limit of 600 bytes was reached'],
    ['tar', { members: 3 }, 'ARCHIVE_LIMIT: comparing: the limit of 3 members was reached'],
    ['tar', { nodes: 2 }, 'the limit of 2 nodes was reached'],
    ['gzip', { depth: 1 }, 'not looked into: the limit of 1 inside each other was reached'],
    ['gzip', { depth: 0 }, 'not looked into: the limit of 0 inside each other was reached'],
    ['tar', { textBytes: 100 }, 'compared from byte 0 on, 100 bytes'],
    ['tar', { diffBytes: 100 }, undefined],
    ['tar', { reportBytes: 100 }, undefined],
    ['sqlite', { programRuns: 0 }, 'no run of a program is left'],
  ] as const)(
    'that is reached is marked on the node and told by the summary: %s with %j',
    async (kind, limits, note) => {
      const whole = await compared(kind, {});
      expect(whole).toMatchObject({ identical: false, truncated: false });
      const cut = await compared(kind, limits);
      expect(cut).toMatchObject({ identical: false, truncated: true, left: whole.left, right: whole.right });
      expect(cut.limits).toMatchObject(limits);
      const [first] = truncatedNodes(cut.difference as Difference);
      if (note !== undefined) expect(first?.notes.join('; ')).toContain(note);
      const summary = [...(await report(cut, 'summary'))].join('');
      expect(summary).toMatch(/^unseen +\d+ of \d+ nodes? not explained to the end/m);
    },
  );

  it('of nodes that what is packed used up keeps what was found in it', async () => {
    const cut = await compared('gzip', { nodes: 3 });
    const found = cut.difference as Difference;
    expect(pathsOf(found)).toHaveLength(3);
    expect(found.children[0]?.children).toHaveLength(1);
    expect(found.children[0]).toMatchObject({ kind: 'tar', truncated: true });
  });

  it('of nodes that a part used up keeps what was found in it', async () => {
    const budget = new Budget({ ...DEFAULT_COMPARE_LIMITS, nodes: 3 });
    const side = bufferSource('side', Buffer.alloc(1));
    const explanations = async function* (): AsyncGenerator<Explanation> {
      for (const name of ['first', 'second']) yield { kind: 'part', name, left: side, right: side };
    };
    const walkPart: WalkPart = async ({ path }) => {
      const children: Difference[] = [];
      while (budget.takeNode()) children.push(differenceNode('inside', 'part'));
      return { ...differenceNode(path, 'part'), children };
    };
    const context = { budget, helpers: new Helpers(budget) };
    const { children, notes, truncated } = await gather(explanations(), { depth: 0, walkPart }, context);
    expect(children.map(({ path, children: inside }) => [path, inside.length])).toEqual([['first', 2]]);
    expect({ notes, truncated }).toEqual({
      notes: ['1 more are not listed: the limit of 3 nodes was reached'],
      truncated: true,
    });
  });

  it('of nodes is spent on small members first, and on what is in large ones last', async () => {
    const side = (name: string): Buffer =>
      tarFile([
        { name: 'large.tar', content: tar(name) },
        { name: 'small.gz', content: gzipSync(name) },
      ]);
    const limits = { nodes: 4, heldBytes: 1000 };
    const found = await compare(bufferSource('x', side('left')), bufferSource('x', side('right')), { limits });
    const told = found.difference?.children.map(({ path, children }) => [path, children.length]);
    expect(told).toEqual([
      ['large.tar', 0],
      ['small.gz', 1],
    ]);
  });

  it('of nodes is not spent on what turns out to be equal', async () => {
    const plain = tar('same');
    const [left, right] = [gzipSync(plain, { level: 1 }), gzipSync(plain, { level: 9 })];
    const found = await compare(bufferSource('left', left), bufferSource('right', right), { limits: { nodes: 2 } });
    expect(found.difference).toMatchObject({ kind: 'gzip', truncated: false, children: [] });
  });

  it('of memory held changes nothing that is found', async () => {
    const { limits: _, ...whole } = await compared('tar', {});
    const { limits, ...again } = await compared('tar', { heldBytes: 1 });
    expect(limits.heldBytes).toBe(1);
    expect(again).toEqual(whole);
  });

  it('of equal lines around changes is as diff -u has it', async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `${index}\n`);
    const changed = lines.with(10, 'other\n');
    const diffOf = async (contextLines: number): Promise<string | undefined> => {
      const sides = [bufferSource('a', Buffer.from(lines.join(''))), bufferSource('a', Buffer.from(changed.join('')))];
      const { difference } = await compare(sides[0] as never, sides[1] as never, { limits: { contextLines } });
      return difference?.diff;
    };
    expect(await diffOf(0)).toBe('@@ -11,1 +11,1 @@\n-10\n+other\n');
    expect(await diffOf(1)).toBe('@@ -10,3 +10,3 @@\n 9\n-10\n+other\n 11\n');
    expect((await diffOf(100))?.split('\n')).toHaveLength(23);
  });
});
