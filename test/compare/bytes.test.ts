import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RandomReader } from '../../compare/byte-source.ts';
import { differencesInPlace } from '../../compare/comparators/binaries/differing-ranges.ts';
import { hexRows } from '../../compare/comparators/binaries/hex-rows.ts';
import { type ByteSource, bufferSource } from '../../compare/index.ts';
import type { Difference } from '../../model/index.ts';
import { chunksOf } from '../helpers/chunks.ts';
import { compareAllWays, compareBytes } from '../helpers/compare-bytes.ts';
import { mirror } from '../helpers/mirror.ts';

/** Bytes that look random, the same each time. */
function noise(size: number, seed = 'seed'): Buffer {
  const pieces: Buffer[] = [];
  for (let index = 0; index * 32 < size; index++) pieces.push(createHash('sha256').update(`${seed} ${index}`).digest());
  return Buffer.concat(pieces).subarray(0, size);
}

const stretches = (found: Difference): unknown => found.fields?.find(({ name }) => name.startsWith('stretches'));
const added = (found: Difference): string[] => (found.diff ?? '').split('\n').filter((line) => /^[-+]/.test(line));

function changed(bytes: Buffer, offset: number, text: string): Buffer {
  const other = Buffer.from(bytes);
  other.write(text, offset, 'latin1');
  return other;
}

describe('explaining how two byte strings differ', () => {
  it('names the stretches and shows rows around them as xxd does', async () => {
    const left = Buffer.from(Array.from({ length: 400 }, (_, index) => index % 251));
    const found = await compareAllWays(left, changed(left, 100, '\xff\xfe'));
    expect(found.detail).toBe('first difference at byte 100; 2 of 400 bytes differ in place: 100+2');
    expect(added(found)).toEqual([
      '-00000060: 6061 6263 6465 6667 6869 6a6b 6c6d 6e6f  `abcdefghijklmno',
      '+00000060: 6061 6263 fffe 6667 6869 6a6b 6c6d 6e6f  `abc..fghijklmno',
    ]);
    const rows = execFileSync('xxd', ['-s', '32', '-l', '50'], { input: left, encoding: 'latin1' });
    expect([...hexRows(left.subarray(32, 82), 32)]).toEqual(rows.split('\n').slice(0, -1));
  });

  it('shows each row once, and whole, where what stands around two stretches overlaps', async () => {
    const left = Buffer.from(Array.from({ length: 400 }, (_, index) => index % 251));
    const found = await compareAllWays(left, changed(changed(left, 100, '\xff'), 203, '\xff'));
    const rows = (found.diff ?? '').split('\n').filter((line) => /^[ +]/.test(line));
    expect(rows.map((row) => row.slice(1, 9))).toEqual([...new Set(rows.map((row) => row.slice(1, 9)))]);
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter((row) => row.length !== rows[0]?.length)).toEqual([]);
  });

  it('does not take what an insertion moved for a difference', async () => {
    const left = noise(20_000);
    const right = Buffer.concat([left.subarray(0, 7_000), Buffer.from('inserted'), left.subarray(7_000)]);
    const found = await compareAllWays(left, right);
    expect(stretches(found)).toEqual({
      name: 'stretches that differ, as offset+length',
      left: '7000+0',
      right: '7000+8',
    });
  });

  it('finds several insertions and changes among what moved', async () => {
    const left = noise(200_000);
    const cut = (from: number, to: number): Buffer => left.subarray(from, to);
    const right = Buffer.concat([cut(0, 50_000), Buffer.from('one'), cut(50_000, 120_000), cut(120_100, 200_000)]);
    const found = await compareBytes(left, right);
    expect(stretches(found)).toMatchObject({ left: '50000+0, 120000+100', right: '50000+3, 120003+0' });
  });

  it('shows strings that differ, and the cause that they show', async () => {
    const left = Buffer.concat([noise(100), Buffer.from('\0built on 2026-11-22 by x\0'), noise(100)]);
    const right = changed(left, left.indexOf('2026-11-22'), '2026-11-23');
    const found = await compareAllWays(left, right);
    expect(found.children).toMatchObject([{ path: 'strings', kind: 'view' }]);
    expect(found.reasons).toMatchObject([{ kind: 'timestamp' }]);
  });

  it('tells a string once that stands around two stretches, and counts it once', async () => {
    const left = Buffer.concat([noise(90), Buffer.from('\0built on Mon Nov 30 12:00:00 UTC 2026\0'), noise(90)]);
    const right = changed(left, left.indexOf('Mon'), 'Sat Dec  4 15:00:00 UTC 2027');
    const found = await compareAllWays(left, right);
    expect(added(found.children[0] as Difference)).toEqual([
      '-built on Mon Nov 30 12:00:00 UTC 2026',
      '+built on Sat Dec  4 15:00:00 UTC 2027',
    ]);
    expect(found.reasons).toMatchObject([{ evidence: expect.stringMatching(/^1 of 1 changed lines differ in dates/) }]);
  });

  it('ends what it reads of strings at the same place on both sides, however long the stretches are', async () => {
    for (let more = 1; more <= 20; more++) {
      const of = (name: string): Buffer =>
        Buffer.concat([
          Buffer.alloc(70),
          Buffer.from(`${name}\0`),
          Buffer.alloc(45),
          Buffer.from('the same text here\0'),
        ]);
      const found = await compareAllWays(of('a name'), of(`a name${'x'.repeat(more)}`));
      expect(added(found.children[0] as Difference)).toEqual(['-a name', `+a name${'x'.repeat(more)}`]);
    }
  });

  it('knows a path whose length stands before it, where that reads as a letter', async () => {
    const of = (path: string): Buffer =>
      Buffer.concat([Buffer.from([0x80, 4, 0x8c, path.length]), Buffer.from(path), Buffer.from([0x94, 0x8c, 1])]);
    const [left, right] = [
      '/build/package-1.0/doc/source/index.rst',
      '/build/elsewhere/package-1.0/doc/source/index.rst',
    ];
    const found = await compareAllWays(of(left), of(right));
    expect(added(found.children[0] as Difference)).toEqual([`-'${left}`, `+1${right}`]);
    expect(found.reasons).toMatchObject([{ kind: 'path', left, right }]);
  });

  it('says random only of bytes that look it, of the same length', async () => {
    const frame = Buffer.from('\0'.repeat(64));
    const framed = (bytes: Buffer): Buffer => Buffer.concat([frame, bytes, frame]);
    const [one, other] = [noise(2_000, 'one'), noise(2_000, 'other')];
    expect((await compareBytes(framed(one), framed(other))).reasons).toMatchObject([{ kind: 'random' }]);
    const few = Buffer.alloc(2_000, '\0\x01\x02\x03');
    expect((await compareBytes(framed(one), framed(few))).reasons ?? []).toEqual([]);
    const longer = await compareBytes(framed(one), framed(noise(2_100, 'other')));
    expect(longer.reasons ?? []).toEqual([]);
  });

  it('reads the same with the sides swapped, whatever the bytes', async () => {
    const bytes = fc
      .array(
        fc.constantFrom(noise(40, 'a'), noise(40, 'b'), Buffer.from([0]), Buffer.from('text here'), Buffer.alloc(70)),
        {
          minLength: 1,
          maxLength: 12,
        },
      )
      .map((pieces) => Buffer.concat([Buffer.from([0, 1, 2, 0x80]), ...pieces]));
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (left, right) => {
        expect(mirror(await compareBytes(right, left))).toEqual(await compareBytes(left, right));
      }),
      { numRuns: 200 },
    );
  });

  it('keeps to so many stretches, and counts the rest', async () => {
    const left = Buffer.alloc(50_000);
    const right = Buffer.from(left.map((_, index) => (index % 100 === 0 ? 1 : 0)));
    const found = await differencesInPlace(bufferSource('a', left), bufferSource('b', right));
    expect([found.ranges.length, found.count, found.differing]).toEqual([32, 500, 500]);
    expect((await compareBytes(left, right)).detail).toMatch(/, and 468 more$/);
  });

  it('does not read what is stored in equal blocks', async () => {
    const [content, size] = [noise(4_000), 1_000];
    const opened: number[] = [];
    const stored = (bytes: Buffer): ByteSource => ({
      name: 'file',
      size: bytes.length,
      blocks: async () => ({
        blocks: [0, 1, 2, 3].map((index) => {
          const offset = index * size;
          return { offset, size, method: 'none', storedAt: offset, storedBytes: size };
        }),
        random: bufferSource('stored', bytes).random as () => RandomReader,
      }),
      open: (start = 0) => {
        opened.push(start);
        return chunksOf(bytes.subarray(start), size);
      },
    });
    const other = changed(content, 2_100, '\x00');
    const found = await differencesInPlace(stored(content), stored(other));
    expect(found).toMatchObject({ first: 2_100, sizes: [4_000, 4_000], differing: 1, count: 1 });
    expect(opened).toEqual([2_000, 2_000, 4_000, 4_000]);
    expect(found).toEqual(await differencesInPlace(bufferSource('a', content), bufferSource('b', other)));
  });

  it('tells an end that only one side has', async () => {
    const found = await compareAllWays(Buffer.from([0, 1, 2]), Buffer.from([0, 1, 2, 3, 4]));
    expect(stretches(found)).toMatchObject({ left: '3+0', right: '3+2' });
  });
});
