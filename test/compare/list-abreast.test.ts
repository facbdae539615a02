import { describe, expect, it } from 'vitest';
import { bufferSource, compare } from '../../compare/index.ts';
import { type Difference, sha256Of } from '../../model/index.ts';
import { handMadeAr } from '../helpers/hand-made-deb.ts';
import { mirror } from '../helpers/mirror.ts';

const MEBI = 2 ** 20;
const bytes = (size: number, last = 1): Buffer => Buffer.concat([Buffer.alloc(size - 1), Buffer.from([last])]);

async function differing(
  left: readonly (readonly [string, Buffer])[],
  right: readonly (readonly [string, Buffer])[],
): Promise<Difference> {
  const [old, now] = [bufferSource('x.a', handMadeAr(left)), bufferSource('x.a', handMadeAr(right))];
  const found = (await compare(old, now)).difference as Difference;
  expect((await compare(now, old)).difference).toEqual(mirror(found));
  return found;
}

describe('ar archives gone through in step', () => {
  it('tell the sizes of long members that differ in them, and no digest', async () => {
    const equal = ['equal', Buffer.from('equal')] as const;
    const [old, now] = [bytes(16 * MEBI + 1), bytes(16 * MEBI + 4)];
    const { children } = await differing([equal, ['long', old]], [equal, ['long', now]]);
    expect(children.map(({ path, left, right }) => [path, left, right])).toEqual([
      ['long', expect.objectContaining({ size: old.length }), expect.objectContaining({ size: now.length })],
    ]);
    expect(children[0]?.left?.sha256).toBeUndefined();
    expect(children[0]?.right?.sha256).toBeUndefined();
  });

  it('tell no digest of them either where what stands before them differs, but for its name', async () => {
    const [old, now] = [bytes(16 * MEBI + 1), bytes(16 * MEBI + 4)];
    const { children } = await differing(
      [
        ['first', bytes(5)],
        ['long', old],
      ],
      [
        ['first', bytes(5, 2)],
        ['long', now],
      ],
    );
    expect(children.map(({ path, left }) => [path, left?.sha256 !== undefined])).toEqual([
      ['first', true],
      ['long', false],
    ]);
  });

  it.each([
    ['short members of other sizes', bytes(16 * MEBI), bytes(16 * MEBI + 4)],
    ['long members of one size', bytes(16 * MEBI + 4), bytes(16 * MEBI + 4, 2)],
  ])('tell the digests of %s', async (_, old, now) => {
    const { children } = await differing([['one', old]], [['one', now]]);
    expect(children[0]).toMatchObject({ left: { sha256: sha256Of(old) }, right: { sha256: sha256Of(now) } });
  });

  it('find a long member under another name, whatever stood at its place', async () => {
    const [long, longer] = [bytes(17 * MEBI), bytes(18 * MEBI)];
    const { children } = await differing([['a', long]], [['b', long]]);
    expect(children).toHaveLength(1);
    expect(children[0]).toMatchObject({ left: { name: 'a' }, right: { name: 'b' } });
    const swapped = await differing(
      [
        ['a', long],
        ['b', longer],
      ],
      [
        ['a', longer],
        ['b', long],
      ],
    );
    expect(swapped.children.map(({ path }) => path)).toEqual(['a', 'b']);
  });

  it('of one name, twice, are never taken for each other by their sizes', async () => {
    const [one, other, third] = [bytes(17 * MEBI), bytes(18 * MEBI), bytes(17 * MEBI, 2)];
    const { children } = await differing(
      [
        ['x', one],
        ['x', other],
      ],
      [
        ['x', other],
        ['x', third],
      ],
    );
    expect(children).toHaveLength(2);
  });
});
