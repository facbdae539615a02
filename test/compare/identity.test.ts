import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bothOf, ofBoth } from '../../compare/identity.ts';
import { bufferSource, compare } from '../../compare/index.ts';
import { ReproofError } from '../../model/index.ts';
import { tarFile } from '../helpers/hostile-files.ts';
import { mirroredTree } from '../helpers/leaf-tree.ts';

const malformed = (at: number): ReproofError => new ReproofError('FORMAT_MALFORMED', `reading header at byte ${at}`);
const failing = (error: unknown): Promise<never> => Promise.reject(error);

describe('of two sides that both fail', () => {
  it('the same failure is thrown with the sides swapped', async () => {
    const [one, other] = [malformed(1), malformed(2)];
    await expect(bothOf(failing(one), failing(other))).rejects.toBe(one);
    await expect(bothOf(failing(other), failing(one))).rejects.toBe(one);
    const fail = (error: unknown): never => {
      throw error;
    };
    expect(() => ofBoth(one, other, fail)).toThrow(one);
    expect(() => ofBoth(other, one, fail)).toThrow(one);
  });

  it('what is no fact about their content comes first', async () => {
    const interrupted = new ReproofError('INTERRUPTED', 'comparing: interrupted');
    for (const failure of [interrupted, new TypeError('a fault of ours')]) {
      await expect(bothOf(failing(malformed(1)), failing(failure))).rejects.toBe(failure);
      await expect(bothOf(failing(failure), failing(malformed(1)))).rejects.toBe(failure);
    }
  });

  it('archives listed together give the mirrored tree', async () => {
    const whole = tarFile([{ name: 'a', content: Buffer.alloc(2_000, 'x') }]);
    const found = await mirroredTree(whole.subarray(0, 1_500), whole.subarray(0, 1_000), { name: 'a.tar' });
    expect(found.notes.join()).toContain('ends inside');
  });
});

describe('of two sides of which one fails', () => {
  it('that failure is thrown, when both have ended', async () => {
    const failure = malformed(1);
    await expect(bothOf(Promise.resolve(1), failing(failure))).rejects.toBe(failure);
    await expect(bothOf(failing(failure), Promise.resolve(1))).rejects.toBe(failure);
    expect(await bothOf(Promise.resolve(1), Promise.resolve(2))).toEqual([1, 2]);
    expect(ofBoth(1, 2, (number) => number + 1)).toEqual([2, 3]);
  });
});

describe('a file against the same kind of file compressed', () => {
  it('gives the mirrored tree', async () => {
    const found = await mirroredTree('plain text\n', gzipSync('other text\n'), { name: 'a' });
    expect(found.children.map(({ path, left, right }) => [path, left?.name, right?.name])).toEqual([
      ['a', 'a', 'a (unpacked)'],
    ]);
  });
});

describe('files that are packed in two formats', () => {
  it('differ in their compression, also where their contents differ', async () => {
    const found = await mirroredTree(gzipSync('plain text\n'), zstdCompressSync('other text\n'), { name: 'a' });
    expect(found.reasons).toEqual([
      { kind: 'compression', evidence: 'another compression', left: 'gzip', right: 'zstd' },
    ]);
    const same = await mirroredTree(gzipSync('text\n'), zstdCompressSync('text\n'), { name: 'a' });
    expect(same.reasons).toEqual([{ kind: 'compression', evidence: 'the unpacked content is equal' }]);
  });
});

describe('a file that is longer or shorter than it was', () => {
  it('is compared as it was read, and that is said', async () => {
    const [one, other] = [bufferSource('a', Buffer.from('same')), bufferSource('b', Buffer.from('same'))];
    const found = await compare(one, { ...other, size: 9 });
    const notes = ['it had 9 bytes when it was opened: what was read is compared'];
    expect(found).toMatchObject({ identical: true, left: { notes: [] }, right: { size: 4, notes } });
    expect((await compare(one, other)).right.notes).toEqual([]);
  });
});
