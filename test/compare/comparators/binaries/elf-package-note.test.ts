import { describe, expect, it } from 'vitest';
import type { Difference } from '../../../../model/index.ts';
import { assembled } from '../../../helpers/assembled-elf.ts';
import { compareAllWays } from '../../../helpers/compare-bytes.ts';

/** A program with a note of packaging metadata, as systemd's Package Metadata for Executable Files has it. */
const program = (json: string, type = 0xcafe1a7e): Buffer =>
  assembled(`.section .note.package, "a", @note
    .balign 4
    .long 4, 2f - 1f, ${type}
    .asciz "FDO"
1:  .asciz ${JSON.stringify(json)}
2:  .balign 4`);
const metadata = (version: string, more = ''): string =>
  `{"type":"deb","os":"debian","name":"x","version":"${version}","architecture":"amd64"${more}}`;

async function note(left: Buffer, right: Buffer): Promise<Difference | undefined> {
  const found = await compareAllWays(left, right);
  return found.children.find(({ path }) => path === '.note.package');
}

describe('explaining how the package metadata of two programs differs', () => {
  it('names the values that differ, and a version with its reason', async () => {
    const found = await note(program(metadata('1-1')), program(metadata('1-2', ',"debugInfoUrl":"x"')));
    expect(found?.fields).toEqual([
      { name: 'debugInfoUrl', right: '"x"' },
      { name: 'version', left: '"1-1"', right: '"1-2"' },
    ]);
    expect(found?.reasons).toContainEqual({
      kind: 'version-text',
      evidence: 'package metadata names a version',
      left: '"1-1"',
      right: '"1-2"',
    });
    expect(found?.diff).toContain('+package metadata: {');
  });

  it('reads the metadata of what is loaded on demand, too', async () => {
    const list = (priority: string): Buffer =>
      program(`[{"soname":["liba.so.1"],"priority":"${priority}"}]`, 0x407c0c0a);
    const found = await note(list('suggested'), list('recommended'));
    expect(found?.fields).toEqual([{ name: '[0].priority', left: '"suggested"', right: '"recommended"' }]);
  });

  it('shows the note as a line where it is no JSON', async () => {
    const found = await note(program('{"a":'), program('{"b":'));
    expect(found?.fields).toBeUndefined();
    expect(found?.diff).toContain('-package metadata: {"a":\n+package metadata: {"b":\n');
  });
});
