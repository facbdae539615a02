import { describe, expect, it } from 'vitest';
import { isRustMetadata, readRustMetadata } from '../../../../formats/index.ts';
import { assembled } from '../../../helpers/assembled-elf.ts';
import { changedLines, compareAllWays, notesOf, survivesDamage } from '../../../helpers/compare-bytes.ts';

const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from([value.length]), Buffer.from(value), Buffer.from([0xc1])]);
const head = (layout: number, ...rest: readonly number[]): Buffer =>
  Buffer.from([...Buffer.from('rust\0\0\0', 'latin1'), layout, ...rest]);
/** As rustc 1.63 of Debian 12 begins lib.rmeta, as rustc 1.95 does, and as that begins .rustc of a library. */
const older = (compiler: string): Buffer =>
  Buffer.concat([head(6, 0, 0, 0x1a, 0xbe), text(compiler), Buffer.from('more')]);
const newer = (compiler: string, more = 'more'): Buffer =>
  Buffer.concat([head(10, 0x9d, 7, 0, 0, 0, 0, 0, 0), text(compiler), Buffer.from(more)]);
const wrapped = (inner: Buffer): Buffer => Buffer.concat([head(10, inner.length, 0, 0, 0, 0, 0, 0, 0), inner]);
const [ONE, OTHER] = ['rustc 1.95.0 (59807616e 2026-04-14)', 'rustc 1.97.0-nightly (e50aa6fba 2026-05-19)'] as const;

describe("reading a Rust crate's metadata", () => {
  it.each([
    ['of layout 6', older('rustc 1.63.0'), { layout: 6, compiler: 'rustc 1.63.0' }],
    ['of layout 10', newer(ONE), { layout: 10, compiler: ONE }],
    ['in a library', wrapped(newer(ONE)), { layout: 10, compiler: ONE }],
  ])('reads the compiler: %s', (_what, bytes, found) => {
    expect(isRustMetadata(bytes)).toBe(true);
    expect(readRustMetadata(bytes)).toEqual(found);
  });

  it('reads nothing where the compiler is cut, or packed', () => {
    const whole = newer(ONE);
    for (let end = 0; end < 17 + ONE.length; end++) expect(readRustMetadata(whole.subarray(0, end))).toBeUndefined();
    expect(
      readRustMetadata(Buffer.concat([head(6, 0, 0, 9, 9), Buffer.from([0xff, 6, 0, 0]), Buffer.from('sNaPpY')])),
    ).toBeUndefined();
    expect(isRustMetadata(Buffer.from('rusty\0\0\0'))).toBe(false);
  });
});

describe('explaining how the metadata of two Rust crates differs', () => {
  const section = (name: string, bytes: Buffer): Buffer =>
    assembled(`.section ${name}, "", @progbits\n.byte ${[...bytes].join(', ')}\n`);

  it.each([
    ['.rmeta', (bytes: Buffer) => bytes],
    ['.rustc', wrapped],
  ])('names the compilers in %s of an ELF file', async (name, wrap) => {
    const found = await compareAllWays(section(name, wrap(newer(ONE))), section(name, wrap(newer(OTHER))));
    const node = found.children.find(({ path }) => path === name);
    expect(node?.fields).toEqual([{ name: 'Rust compiler', left: ONE, right: OTHER }]);
    expect(node?.reasons).toContainEqual({
      kind: 'version-text',
      evidence: 'metadata of a crate names the compiler',
      left: ONE,
      right: OTHER,
    });
  });

  it('names them in a file of its own, and shows other bytes where they are the same', async () => {
    const found = await compareAllWays(older('rustc 1.63.0'), newer(ONE));
    expect(found).toMatchObject({
      kind: 'rust-metadata',
      fields: expect.arrayContaining([{ name: 'layout of the metadata', left: '6', right: '10' }]),
    });
    const same = await compareAllWays(newer(ONE, 'alpha'), newer(ONE, 'omega'));
    expect(same.reasons?.filter(({ kind }) => kind === 'version-text') ?? []).toEqual([]);
    expect(changedLines(same).length).toBeGreaterThan(1);
    const packed = await compareAllWays(head(6, 1, 2), head(6, 3, 4));
    expect(notesOf(packed)).toContain("the compiler's version could not be read: packed, or of another layout");
  });

  it('never throws and never says equal, wherever one is cut or broken', () => survivesDamage(newer(ONE)));
});
