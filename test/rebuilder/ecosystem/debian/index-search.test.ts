import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseParagraphs } from '../../../../formats/index.ts';
import {
  findParagraphs,
  packageNames,
  paragraphs,
  type WantedField,
} from '../../../../rebuilder/ecosystem/debian/index-search.ts';

const TEXT = `Package: less
Version: 668-1
Description: pager
 Package: hidden
 .
 Source: hidden

Package: libc6
Source: glibc
Version: 2.41-12

Package: libc-bin
Source: glibc (2.41-11)
Version: 2.41-12+b1

Package:   less-doc
Source: less (668-1)

Package: less
Version: 643-1
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproof-index-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function indexOf(text: string | Uint8Array): Promise<{ file: string; suite: string; path: string }> {
  const file = join(folder, 'Packages');
  await writeFile(file, text);
  return { file, suite: 'trixie', path: 'main/binary-amd64/Packages' };
}

async function find(text: string | Uint8Array, ...wanted: readonly WantedField[]): Promise<readonly string[]> {
  const found = await Array.fromAsync(findParagraphs(await indexOf(text), wanted));
  return found.map((each) => `${each.get('Package')} ${each.get('Version') ?? ''}`.trim());
}

describe('searching an index', () => {
  it('finds every paragraph with the value, and no longer or shorter one', async () => {
    expect(await find(TEXT, { field: 'Package', value: 'less' })).toEqual(['less 668-1', 'less 643-1']);
    expect(await find(TEXT, { field: 'Package', value: 'les' })).toEqual([]);
    expect(await find(TEXT, { field: 'Package', value: 'less-doc' })).toEqual(['less-doc']);
  });

  it('finds a source with or without its version, by its name', async () => {
    expect(await find(TEXT, { field: 'Source', value: 'glibc' })).toEqual(['libc6 2.41-12', 'libc-bin 2.41-12+b1']);
    expect(await find(TEXT, { field: 'Source', value: 'glib' })).toEqual([]);
  });

  it('gives a paragraph once, in the order of the index, for any of several fields', async () => {
    const wanted = [
      { field: 'Source', value: 'less' },
      { field: 'Package', value: 'less' },
      { field: 'Version', value: '668-1' },
      { field: 'Package', value: 'libc6' },
    ];
    expect(await find(TEXT, ...wanted)).toEqual(['less 668-1', 'libc6 2.41-12', 'less-doc', 'less 643-1']);
  });

  it('does not take continuation lines for fields', async () => {
    expect(await find(TEXT, { field: 'Package', value: 'hidden' }, { field: 'Source', value: 'hidden' })).toEqual([]);
  });

  it.each([
    ['an empty index', '', []],
    ['one without a last newline', 'Package: less', ['less']],
    ['one with blank lines around', '\n\n\nPackage: less\n\n\n\n', ['less']],
    ['paragraphs parted by blanks', 'Package: a\n \nPackage: less\n\t\nPackage: b\n', ['less']],
    ['nothing wanted in it', 'Package: a\n', []],
  ])('reads %s', async (_what, text, expected) => {
    expect(await find(text, { field: 'Package', value: 'less' })).toEqual(expected);
  });

  it('finds the same wherever the pieces it reads are cut', async () => {
    // 4 MiB is read at once: paragraphs of many sizes put one across each edge.
    const filler = (n: number): string => `Package: p${n}\nX: ${'x'.repeat((n * 7919) % 90_000)}\n`;
    const text = Array.from({ length: 300 }, (_, n) => filler(n)).join('\n');
    expect(text.length).toBeGreaterThan(3 * 4 * 1024 * 1024);
    const wanted = Array.from({ length: 300 }, (_, n) => ({ field: 'Package', value: `p${n}` }));
    const names = wanted.map(({ value }) => value);
    expect(await find(text, ...wanted)).toEqual(names);
    expect(await packageNames(await indexOf(text))).toEqual([...names].sort());
  });

  it('finds what reading everything finds', async () => {
    const line = fc.constantFrom(
      'Package: a',
      'Package: b',
      'Source: a',
      'Source: a (1)',
      'X: a',
      ' Package: a',
      '',
      ' ',
      'Y:',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
        const text = lines.join('\n');
        const isWanted = (field: string, value = ''): boolean =>
          (field === 'Source' ? value.split(' ')[0] : value) === 'a';
        let expected: readonly string[];
        try {
          expected = parseParagraphs(Buffer.from(text), { paragraphBytes: 9999, fields: 9 })
            .filter((each) => ['Package', 'Source'].some((field) => isWanted(field, each.get(field))))
            .map((each) => `${each.get('Package')} ${each.get('Version') ?? ''}`.trim());
        } catch {
          return;
        }
        expect(await find(text, { field: 'Package', value: 'a' }, { field: 'Source', value: 'a' })).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('gives all paragraphs, and all names sorted', async () => {
    const index = await indexOf(TEXT);
    expect((await Array.fromAsync(paragraphs(index))).map((each) => each.line)).toEqual([1, 8, 12, 16, 19]);
    expect(await packageNames(index)).toEqual(['less', 'less-doc', 'libc-bin', 'libc6']);
  });

  it('refuses nonsense', async () => {
    const less = { field: 'Package', value: 'less' };
    const index = await indexOf('Package: less\nnonsense\n');
    const refused = { code: 'INDEX_MALFORMED' };
    await expect(Array.fromAsync(paragraphs(index))).rejects.toMatchObject(refused);
    await expect(Array.fromAsync(findParagraphs(index, [less]))).rejects.toMatchObject(refused);
    const endless = await indexOf(Buffer.alloc(9_000_000, 'x'));
    await expect(Array.fromAsync(paragraphs(endless))).rejects.toMatchObject(refused);
    await expect(Array.fromAsync(findParagraphs(endless, [less]))).rejects.toMatchObject(refused);
  });
});
