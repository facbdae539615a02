import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { Budget } from '../../../compare/budget.ts';
import type { ByteSource } from '../../../compare/byte-source.ts';
import { xz } from '../../../compare/comparators/archives/xz.ts';
import { Helpers } from '../../../compare/helpers/helper-runner.ts';
import { bufferSource, DEFAULT_COMPARE_LIMITS } from '../../../compare/index.ts';
import { reachablePair } from '../../../compare/reachable.ts';
import { readXz } from '../../../formats/index.ts';

const BLOCK = 100_000;
const content = createHash('shake256', { outputLength: 6 * BLOCK })
  .update('content')
  .digest();

const budget = new Budget(DEFAULT_COMPARE_LIMITS);
const context = { budget, helpers: new Helpers(budget) };
afterAll(() => context.helpers.close());

function packed(bytes: Buffer, blockSize = BLOCK): Buffer {
  const argv = ['-c', '-0', '-T1', `--block-size=${blockSize}`];
  return execFileSync('xz', argv, { input: bytes, maxBuffer: 1e9 });
}

async function given(source: ByteSource, start: number, end?: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.open(start, undefined, end)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('an xz file of several blocks', () => {
  it.each([
    ['one stream', packed(content)],
    ['two streams', Buffer.concat([packed(content.subarray(0, 2 * BLOCK)), packed(content.subarray(2 * BLOCK))])],
  ])('is read between any two places: %s', async (_, file) => {
    const source = await xz.unwrap(bufferSource('x', file), context);
    for (const start of [0, 1, BLOCK - 1, BLOCK, 2 * BLOCK + 7, 5 * BLOCK, 6 * BLOCK])
      for (const end of [1, BLOCK, BLOCK + 1, 3 * BLOCK, 6 * BLOCK - 1, 6 * BLOCK, 7 * BLOCK]) {
        const found = await given(source, start, end);
        const wanted = content.subarray(start, Math.max(start, end));
        expect(found.subarray(0, wanted.length).equals(wanted), `${start} to ${end}`).toBe(true);
      }
  });

  it('unpacks no block past the place that is read up to', async () => {
    const source = await xz.unwrap(bufferSource('x', packed(content)), context);
    expect(await given(source, BLOCK + 10, 2 * BLOCK)).toEqual(content.subarray(BLOCK + 10, 2 * BLOCK));
    expect(await given(source, 0, 10)).toEqual(content.subarray(0, BLOCK));
    expect(await given(source, 10, 10)).toEqual(Buffer.alloc(0));
  });

  it('is verified block by block where blocks are unpacked alone', async () => {
    const file = packed(content);
    const [stream] = await readXz(
      (offset, bytes) => Promise.resolve(file.subarray(offset, offset + bytes)),
      file.length,
      { blocks: 10, streams: 1 },
    );
    const { offset = 0, unpaddedBytes = 0 } = stream?.blocks[3] ?? {};
    file[offset + unpaddedBytes - 1] = (file[offset + unpaddedBytes - 1] as number) ^ 1;
    const source = await xz.unwrap(bufferSource('x', file), context);
    const pair = await reachablePair(source, source, context);
    expect(await given(pair.left, 4 * BLOCK)).toEqual(content.subarray(4 * BLOCK));
    await expect(given(pair.left, 3 * BLOCK)).rejects.toMatchObject({ code: 'PROGRAM_FAILED' });
    await pair.remove();
  });

  it('is opened anew only past a block that is likely to be unpacked already', async () => {
    const zeros = Buffer.alloc(24 * 2 ** 20);
    const source = await xz.unwrap(bufferSource('x', packed(zeros, 4 * 2 ** 20)), context);
    const at = (megabytes: number): number => megabytes * 2 ** 20;
    expect(source.cheaperAt?.(at(1), at(3))).toBe(false);
    expect(source.cheaperAt?.(at(1), at(7))).toBe(false);
    expect(source.cheaperAt?.(at(1), at(9))).toBe(true);
    expect(source.cheaperAt?.(at(21), at(25))).toBe(false);
  });
});
