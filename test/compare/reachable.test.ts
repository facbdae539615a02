import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { Budget } from '../../compare/budget.ts';
import type { ByteSource } from '../../compare/byte-source.ts';
import { xz } from '../../compare/comparators/archives/xz.ts';
import { Helpers } from '../../compare/helpers/helper-runner.ts';
import { bufferSource, DEFAULT_COMPARE_LIMITS } from '../../compare/index.ts';
import { type KeptPair, keptPair, reachablePair } from '../../compare/reachable.ts';
import { sameStretch } from '../../compare/same-stretch.ts';

const BLOCK = 100_000;
const content = createHash('shake256', { outputLength: 10 * BLOCK })
  .update('content')
  .digest();
const changed = Buffer.from(content);
changed[3 * BLOCK + 5] = (changed[3 * BLOCK + 5] as number) ^ 1;
const shuffled = Buffer.concat(
  Array.from({ length: 10 }, (_, at) => content.subarray((9 - at) * BLOCK).subarray(0, BLOCK)),
);

const budget = new Budget(DEFAULT_COMPARE_LIMITS);
const context = { budget, helpers: new Helpers(budget) };
afterAll(() => context.helpers.close());

/** What xz(1) packs in blocks, with how many times each block was opened to be unpacked. */
async function packed(bytes: Buffer): Promise<{ readonly source: ByteSource; readonly opened: number[] }> {
  const argv = ['-c', '-0', '-T1', `--block-size=${BLOCK}`];
  const file = execFileSync('xz', argv, { input: bytes, maxBuffer: 1e9 });
  const source = await xz.unwrap(bufferSource('x', file), context);
  const opened: number[] = [];
  const open = (start = 0, chunks?: 'lent'): AsyncIterable<Uint8Array> => {
    opened.push(start);
    return source.open(start, chunks);
  };
  return { source: { ...source, open }, opened };
}

async function read(source: ByteSource, start: number, size: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let left = size;
  for await (const piece of source.open(start)) {
    pieces.push(piece.subarray(0, left));
    left -= Math.min(left, piece.length);
    if (left === 0) break;
  }
  return Buffer.concat(pieces);
}

const both = async (pair: KeptPair, start: number, size: number): Promise<[Buffer, Buffer]> => [
  await read(pair.left, start, size),
  await read(pair.right, start, size),
];

describe('a pair that can be read from anywhere', () => {
  it('unpacks the blocks that are asked for, and what both sides hold alike once', async () => {
    const [left, right] = [await packed(content), await packed(changed)];
    const pair = await reachablePair(left.source, right.source, context);
    expect(await both(pair, BLOCK - 10, 20)).toEqual([
      content.subarray(BLOCK - 10, BLOCK + 10),
      changed.subarray(BLOCK - 10, BLOCK + 10),
    ]);
    expect(left.opened).toEqual([0, BLOCK]);
    expect(right.opened).toEqual([]);
    expect(await both(pair, 3 * BLOCK, BLOCK)).toEqual([
      content.subarray(3 * BLOCK, 4 * BLOCK),
      changed.subarray(3 * BLOCK, 4 * BLOCK),
    ]);
    expect(right.opened).toEqual([3 * BLOCK]);
    expect(await both(pair, 0, 20 * BLOCK)).toEqual([content, changed]);
    await pair.remove();
  });

  it('copies what is packed in one piece, and takes what is in memory as it is', async () => {
    const inOnePiece: ByteSource = { name: 'x', size: undefined, open: bufferSource('x', content).open };
    const plain = bufferSource('y', changed);
    const pair = await reachablePair(inOnePiece, plain, context);
    expect(pair.right).toBe(plain);
    expect(pair.left).toMatchObject({ seekable: true, size: content.length });
    expect(await both(pair, 7, 100)).toEqual([content.subarray(7, 107), changed.subarray(7, 107)]);
    await pair.remove();
  });

  it('throws where a block ends before its index says', async () => {
    const { source } = await packed(content);
    const cut: ByteSource = { ...source, open: (start) => bufferSource('x', content.subarray(0, 150_000)).open(start) };
    const pair = await reachablePair(cut, cut, context);
    await expect(read(pair.left, BLOCK, 10)).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED' });
    await pair.remove();
  });
});

describe('a pair of which the differing blocks are kept', () => {
  it('reads all as it is, unpacking a block that differs but once', async () => {
    const [left, right] = [await packed(content), await packed(changed)];
    const pair = await keptPair(left.source, right.source, context);
    expect(pair.equal).toEqual([
      { start: 0, end: 3 * BLOCK },
      { start: 4 * BLOCK, end: 10 * BLOCK },
    ]);
    for (let time = 0; time < 2; time++)
      for (const start of [0, 3 * BLOCK - 1, 3 * BLOCK + 5, 9 * BLOCK])
        expect(await both(pair, start, 20 * BLOCK)).toEqual([content.subarray(start), changed.subarray(start)]);
    expect(left.opened.filter((start) => start >= 3 * BLOCK && start < 4 * BLOCK)).toEqual([3 * BLOCK]);
    await pair.remove();
  });

  it('is the pair itself where much differs, or nothing is known to be equal', async () => {
    const [left, right] = [await packed(content), await packed(shuffled)];
    expect((await keptPair(left.source, right.source, context)).left).toBe(left.source);
    const plain = bufferSource('y', changed);
    expect((await keptPair(plain, right.source, context)).right).toBe(right.source);
  });
});

describe('comparing stretches', () => {
  it('says whether they are equal, at one place and at two, in memory and packed', async () => {
    const [left, right] = [await packed(content), await packed(changed)];
    const inMemory = { left: bufferSource('a', content), right: bufferSource('b', changed), equal: [] };
    const inBlocks = await reachablePair(left.source, right.source, context);
    for (const pair of [inMemory, inBlocks]) {
      const same = (one: number, other: number, size: number) => sameStretch(pair, { left: one, right: other, size });
      expect(await same(0, 0, 3 * BLOCK + 5)).toBe(true);
      expect(await same(0, 0, 3 * BLOCK + 6)).toBe(false);
      expect(await same(3 * BLOCK + 6, 3 * BLOCK + 6, 7 * BLOCK - 6)).toBe(true);
      expect(await same(1, 2, 100)).toBe(false);
      expect(await same(9 * BLOCK, 9 * BLOCK, BLOCK + 1)).toBe(false);
      expect(await same(10 * BLOCK, 10 * BLOCK, 0)).toBe(true);
    }
    await inBlocks.remove();
  });
});
