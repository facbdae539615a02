import { describe, expect, it } from 'vitest';
import type { Difference } from '../../../../model/index.ts';
import { assembled } from '../../../helpers/assembled-elf.ts';
import { compareAllWays } from '../../../helpers/compare-bytes.ts';

const SENTINEL = '.skip 16, 0x30\n';

/** A program with what Go's linker writes: settings of the build, and a build id. */
function program(settings: readonly string[], id = 'a/b/c/d'): Buffer {
  const lines = ['path\tx', ...settings.map((setting) => `build\t${setting}`)].map((line) => `${line}\n`).join('');
  const quoted = JSON.stringify(lines);
  return assembled(
    `.globl begin\nbegin: ret\n.section .go.buildinfo, "a"\n.ascii "\\xff Go buildinf:"\n.byte 8, 2\n.skip 16\n` +
      `.byte 6\n.ascii "go1.19"\n.byte ${lines.length + 32}\n${SENTINEL}.ascii ${quoted}\n${SENTINEL}` +
      `.section .note.go.buildid, "a", @note\n.long 4, ${id.length}, 4\n.asciz "Go\\0"\n.ascii "${id}"\n.balign 4\n`,
    ['-shared', '--build-id=none'],
  );
}

async function sectionOf(name: string, left: Buffer, right: Buffer): Promise<Difference | undefined> {
  return (await compareAllWays(left, right)).children.find(({ path }) => path === name);
}

describe('explaining how two programs of Go differ', () => {
  it('names the settings that only one was built with', async () => {
    const [one, other] = [program(['CGO_ENABLED=1', 'GOAMD64=v1']), program(['CGO_ENABLED=1', 'GOAMD64=v3'])];
    const settings = await sectionOf('.go.buildinfo', one, other);
    expect(settings?.reasons).toEqual([
      {
        kind: 'metadata',
        evidence: 'settings of the build differ: GOAMD64',
        left: 'GOAMD64=v1',
        right: 'GOAMD64=v3',
      },
    ]);
    const tagged = await sectionOf('.go.buildinfo', program(['-tags=x', 'GOOS=linux']), program(['GOOS=linux']));
    expect(tagged?.reasons).toMatchObject([{ kind: 'metadata', left: '-tags=x', right: 'none' }]);
  });

  it('takes a commit for the source, and no setting', async () => {
    const [one, other] = [program(['vcs.modified=true']), program(['vcs.modified=false'])];
    expect((await sectionOf('.go.buildinfo', one, other))?.reasons).toBeUndefined();
  });

  it('tells a build id that differs by what Go was given from one that differs by what it made', async () => {
    const reasons = async (left: string, right: string): Promise<Difference['reasons']> =>
      (await sectionOf('.note.go.buildid', program([], left), program([], right)))?.reasons;
    expect(await reasons('a/b/c/d', 'e/b/c/d')).toEqual([
      { kind: 'metadata', evidence: 'hashes of what Go was given differ, not those of what it made' },
    ]);
    for (const other of ['e/b/c/f', 'e/b/f/d', 'abcdefg'])
      expect(await reasons('a/b/c/d', other)).toEqual([
        { kind: 'build-id', evidence: 'a digest that the linker made of the whole' },
      ]);
  });
});
