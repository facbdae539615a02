import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { bufferSource, type CompareLimits, type Comparison, compare, report } from '../../compare/index.ts';
import type { Difference } from '../../model/index.ts';

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
