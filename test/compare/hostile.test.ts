import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { bufferSource, type CompareLimits, explain, renderText } from '../../compare/index.ts';
import type { Difference } from '../../model/index.ts';
import { readSeeds, startsProgram } from '../fuzz/targets.ts';
import { HOSTILE_FILES, HOSTILE_NAMES, nestedGzip, nestedZip, tarFile } from '../helpers/hostile-files.ts';
import { mirroredTree } from '../helpers/leaf-tree.ts';
import { mirror } from '../helpers/mirror.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const LIMITS: Partial<CompareLimits> = { bytes: 64 * 2 ** 20, members: 50_000, nodes: 5_000, textBytes: 4 * 2 ** 20 };
const compare = (left: Buffer, right: Buffer, limits: Partial<CompareLimits> = LIMITS): Promise<Difference> =>
  explain(bufferSource('file', left), bufferSource('file', right), { limits });
const all = (node: Difference): Difference[] => [node, ...node.children.flatMap(all)];
const flipped = (bytes: Buffer): Buffer => {
  const other = Buffer.from(bytes);
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
  return other;
};

describe('hostile files', () => {
  it.each(Object.entries(HOSTILE_FILES))('end in a tree: %s', async (_name, bytes) => {
    const found = await compare(bytes, flipped(bytes));
    expect(found.kind).not.toBe('identical');
    expect((await compare(bytes, bytes)).kind).toBe('identical');
    expect((await compare(bytes, Buffer.concat([bytes, bytes]))).kind).not.toBe('identical');
  });

  it('leave no trace on the disk, whatever their members are called', async () => {
    const folder = await temporaryFolder();
    mkdirSync(join(folder, 'tmp'));
    vi.stubEnv('TMPDIR', join(folder, 'tmp'));
    const made = (text: string): Buffer => tarFile(HOSTILE_NAMES.map((name) => ({ name, content: Buffer.from(text) })));
    const found = await compare(made('one'), made('two'));
    vi.unstubAllEnvs();
    expect(all(found).length).toBeGreaterThan(HOSTILE_NAMES.length / 2);
    expect(readdirSync(folder, { recursive: true })).toEqual(['tmp']);
    expect(renderText(found)).not.toMatch(/[\0-\x08\x0b-\x1f\x7f\u202e]/);
  });
});

describe('bombs', () => {
  const zeros = Buffer.alloc(48 * 2 ** 20);
  const packers = [
    ['gzip', ['gzip', '-c']],
    ['xz', ['xz', '-0', '-c']],
    ['zstd', ['zstd', '-qc']],
    ['bzip2', ['bzip2', '-c']],
    ['lz4', ['lz4', '-qc']],
    ['lzma', ['xz', '--format=lzma', '-0', '-c']],
    ['lzip', ['lzip', '-0', '-c']],
  ] as const;

  it.each(packers)('of %s end at the limit, and say so', async (_name, [program, ...options]) => {
    const packed = execFileSync(program, options, { input: zeros, maxBuffer: 2 ** 28 });
    const other = execFileSync(program, options, {
      input: Buffer.concat([zeros, Buffer.from('x')]),
      maxBuffer: 2 ** 28,
    });
    const found = await compare(packed, other, { ...LIMITS, bytes: 8 * 2 ** 20 });
    expect(all(found).some((node) => node.truncated)).toBe(true);
    expect(found.kind).not.toBe('identical');
  });

  it('inside each other end at the limit of depth', async () => {
    const found = await compare(nestedGzip(60, zeros), nestedGzip(60, flipped(zeros)), { ...LIMITS, depth: 10 });
    expect(all(found).length).toBeLessThan(30);
  });

  it('of zip files in zip files end at the limits', async () => {
    const [left, right] = [nestedZip(4, 12), nestedZip(4, 13)];
    const found = await compare(left, right, { ...LIMITS, members: 5_000, bytes: 16 * 2 ** 20 });
    expect(found.kind).not.toBe('identical');
  });
});

const seeds = readSeeds(join(import.meta.dirname, '../fixtures/fuzz'));
const small = seeds.filter((seed) => seed.bytes.length <= 400);
const larger = seeds.filter((seed) => seed.bytes.length > 400);

describe('a file cut at each byte', () => {
  it('is there to be cut', () => {
    expect(small.length).toBeGreaterThan(15);
  });

  it.each(small)('is never equal to the whole: $name', async ({ bytes, calledAs }) => {
    // Starting a program takes its time: there each third cut is tried.
    const step = startsProgram({ bytes, calledAs }) ? 3 : 1;
    for (let length = 0; length < bytes.length; length += step) {
      const cut = Buffer.from(bytes.subarray(0, length));
      const found = await compare(bytes, cut, { ...LIMITS, programRuns: 0 });
      expect(found.kind).not.toBe('identical');
    }
  });
});

describe('a file cut at ten places', () => {
  it.each(larger)('is never equal to the whole, whichever is cut: $name', async ({ bytes }) => {
    for (let part = 0; part < 10; part++) {
      const cut = Buffer.from(bytes.subarray(0, Math.floor((part * bytes.length) / 10)));
      const found = await compare(bytes, cut);
      expect(found.kind).not.toBe('identical');
      expect(await compare(cut, bytes)).toEqual(mirror(found));
    }
  });
});

describe('two broken files', () => {
  const seeds = readSeeds(join(import.meta.dirname, '../fixtures/fuzz'));

  it.each(seeds)('give the mirrored tree with their sides swapped: $name', async ({ bytes, calledAs }) => {
    const left = bytes.subarray(0, Math.floor(bytes.length / 3));
    const right = Buffer.concat([bytes.subarray(0, Math.floor(bytes.length / 2)), Buffer.from('x')]);
    expect((await mirroredTree(left, right, { name: calledAs })).kind).not.toBe('identical');
  });
});

describe('very many', () => {
  it('members of one name are told apart', async () => {
    const made = (last: string): Buffer =>
      tarFile(
        Array.from({ length: 5_000 }, (_, index) => ({
          name: 'same',
          content: Buffer.from(index === 4_999 ? last : 'x'),
        })),
      );
    const found = await compare(made('one'), made('two'));
    expect(found.children.map((child) => child.diff?.includes('+two'))).toEqual([true]);
  });

  it('members past the limit end the listing with a note', async () => {
    const made = (name: string): Buffer =>
      tarFile(Array.from({ length: 300 }, (_, index) => ({ name: `${name}${index}` })));
    const found = await compare(made('a'), made('b'), { ...LIMITS, members: 100 });
    expect(found.truncated).toBe(true);
    expect(found.notes.join()).toContain('100 members');
  });

  it('lines in another order, repeated and shifted, end soon', async () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `${index % 7} ${index % 3}\n`);
    const found = await compare(Buffer.from(lines.join('')), Buffer.from(lines.toReversed().join('')));
    expect(found.kind).toBe('text');
    const shifted = await compare(gzipSync(lines.join('')), gzipSync(lines.slice(1).join('')));
    expect(shifted.children.length).toBe(1);
  });
});
