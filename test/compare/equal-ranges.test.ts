import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../compare/budget.ts';
import type { ByteSource, RandomReader } from '../../compare/byte-source.ts';
import { xz } from '../../compare/comparators/archives/xz.ts';
import { equalRanges, rangesBetween } from '../../compare/equal-ranges.ts';
import { Helpers } from '../../compare/helpers/helper-runner.ts';
import { identical } from '../../compare/identity.ts';
import { bufferSource, DEFAULT_COMPARE_LIMITS, explain } from '../../compare/index.ts';
import type { Context } from '../../compare/types.ts';
import type { Difference } from '../../model/index.ts';
import { END, header, padded } from '../helpers/small-tar.ts';

const BLOCK = 100_000;
const MANY_BLOCKS = 30;
/** Bytes that do not pack, the same each time. */
const noise = (bytes: number, seed: string): Buffer =>
  createHash('shake256', { outputLength: bytes }).update(seed).digest();
const pack = (content: Buffer): Buffer =>
  execFileSync('xz', ['-c', '-0', '-T1', `--block-size=${BLOCK}`], { input: content, maxBuffer: 1e9 });
const context = (): Context => {
  const budget = new Budget(DEFAULT_COMPARE_LIMITS);
  return { budget, helpers: new Helpers(budget) };
};
const unpacked = async (content: Buffer): Promise<ByteSource> => xz.unwrap(bufferSource('x', pack(content)), context());

const content = noise(MANY_BLOCKS * BLOCK, 'a');
const changed = Buffer.from(content);
changed[12 * BLOCK + 5] = (changed[12 * BLOCK + 5] as number) ^ 1;

describe('telling equal ranges', () => {
  it('compares files in pieces', async () => {
    const ranges = await equalRanges(bufferSource('a', content), bufferSource('b', changed));
    const start = Math.floor((12 * BLOCK + 5) / 65_536) * 65_536;
    expect(ranges).toEqual([
      { start: 0, end: start },
      { start: start + 65_536, end: content.length },
    ]);
    expect(rangesBetween(ranges)[0]).toEqual({ start, end: start + 65_536 });
  });

  it('gives equal blocks of xz files, and none of what is not packed in blocks', async () => {
    const [left, right] = [await unpacked(content), await unpacked(changed)];
    const expected = [
      { start: 0, end: 12 * BLOCK },
      { start: 13 * BLOCK, end: content.length },
    ];
    expect(await equalRanges(left, right)).toEqual(expected);
    expect(await equalRanges(right, left)).toEqual(expected);
    expect(await equalRanges(left, { name: 'x', size: undefined, open: left.open })).toEqual([]);
  });

  it('takes blocks of equal bytes as equal only where they are packed by one method and hold as much', async () => {
    const side = (size: number, method: string, storedAt: number): ByteSource => ({
      name: 'x',
      size,
      open: bufferSource('x', Buffer.alloc(size)).open,
      blocks: async () => ({
        blocks: [{ offset: 0, size, method, storedAt, storedBytes: 4 }],
        random: bufferSource('stored', Buffer.from('abcd abcx')).random as () => RandomReader,
      }),
    });
    const all = [{ start: 0, end: 9 }];
    expect(await equalRanges(side(9, 'one', 0), side(9, 'one', 0))).toEqual(all);
    expect(await equalRanges(side(9, 'one', 0), side(9, 'one', 5))).toEqual([]);
    expect(await equalRanges(side(9, 'one', 0), side(9, 'other', 0))).toEqual([]);
    expect(await equalRanges(side(9, 'one', 0), side(8, 'one', 0))).toEqual([]);
    expect(await equalRanges(side(9, 'one', 6), side(9, 'one', 6))).toEqual([]);
  });

  it('opens xz content at any offset', async () => {
    const source = await unpacked(content);
    for (const start of [
      0,
      1,
      BLOCK - 1,
      BLOCK,
      29 * BLOCK + 7,
      content.length - 1,
      content.length,
      content.length + 9,
    ]) {
      const pieces: Uint8Array[] = [];
      for await (const piece of source.open(start)) pieces.push(piece);
      expect(Buffer.concat(pieces).equals(content.subarray(start)), `from ${start}`).toBe(true);
    }
  });

  it('unpacks only the blocks that may differ to say whether all is identical', async () => {
    const count = { bytes: 0 };
    const counted = async (bytes: Buffer): Promise<ByteSource> => {
      const source = await unpacked(bytes);
      return {
        ...source,
        async *open(start) {
          for await (const piece of source.open(start)) {
            count.bytes += piece.length;
            yield piece;
          }
        },
      };
    };
    expect(await identical(await counted(content), await counted(Buffer.from(content)))).toBe(true);
    expect(count.bytes).toBe(0);
    const known = [{ start: 0, end: content.length }];
    expect(await identical(await counted(content), await counted(Buffer.from(content)), known)).toBe(true);
    expect(count.bytes).toBe(0);
    expect(await identical(await counted(content), await counted(changed))).toBe(false);
    expect(count.bytes).toBeGreaterThan(0);
    expect(count.bytes).toBeLessThan(4 * 2 ** 20);
  });
});

describe('listing two archives of which most is equal', () => {
  const file = (name: string, bytes: Buffer): Buffer =>
    Buffer.concat([header({ 0: name }, bytes.length), padded(bytes.toString('latin1'))]);
  const archive = (middle: Buffer): Buffer =>
    Buffer.concat([
      ...Array.from({ length: 30 }, (_, index) => file(`before-${index}`, noise(90_000, `b${index}`))),
      file('middle', middle),
      ...Array.from({ length: 30 }, (_, index) => file(`after-${index}`, noise(90_000, `c${index}`))),
      END,
    ]);
  const one = noise(400_000, 'm');
  const other = Buffer.from(one);
  other[200_000] = (other[200_000] as number) ^ 255;

  it('names the one member that differs, and no fact of the rest', async () => {
    const [left, right] = [archive(one), archive(other)];
    for (const packed of [false, true]) {
      const sides = [left, right].map((bytes) => bufferSource('x.tar', packed ? pack(bytes) : bytes)) as [
        ByteSource,
        ByteSource,
      ];
      const found = await explain(...sides);
      const tar = packed ? found.children[0] : found;
      expect(tar?.kind).toBe('tar');
      expect(tar?.children.map((child) => [child.path, child.detail])).toEqual([
        ['middle', 'first difference at byte 200000; 1 of 400000 bytes differ in place: 200000+1'],
      ]);
      expect(tar?.fields ?? []).toEqual([]);
    }
  });

  it('takes padding that both have for no difference, and tells that which only one side has', async () => {
    const filled = (bytes: Buffer, name: string, text: string): Buffer => {
      const changed = Buffer.from(bytes);
      const content = bytes.indexOf(`${name}\0`, 0, 'latin1') + 512;
      changed.write(text, content + 90_000, 'latin1');
      return changed;
    };
    const [left, right] = [archive(one), archive(other)].map((bytes) => filled(bytes, 'before-3', 'both')) as [
      Buffer,
      Buffer,
    ];
    const fields = async (old: Buffer, now: Buffer): Promise<Difference['fields']> =>
      (await explain(bufferSource('x.tar', old), bufferSource('x.tar', now))).fields;
    expect((await fields(left, right)) ?? []).toEqual([]);
    const alone = await fields(left, filled(right, 'after-3', 'right'));
    expect(alone).toMatchObject([
      { name: 'padding', left: expect.stringMatching(/^before-3: \S+… \(224 bytes, sha256 [0-9a-f]{64}\)$/) },
    ]);
    expect(alone?.[0]?.right).toMatch(/^before-3: .*; after-3: /);
  });

  it('sees what moved, what came and what went as without blocks', async () => {
    const longer = archive(noise(400_700, 'n'));
    const plain = await explain(bufferSource('x.tar', archive(one)), bufferSource('x.tar', longer));
    const inXz = await explain(bufferSource('x.tar', pack(archive(one))), bufferSource('x.tar', pack(longer)));
    expect(inXz.children[0]?.children).toEqual(plain.children);
    expect(plain.children.map((child) => child.path)).toEqual(['middle']);
  });
});
