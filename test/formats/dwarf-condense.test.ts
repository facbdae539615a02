import { describe, expect, it } from 'vitest';
import { ByteReader, condenseUnits } from '../../formats/index.ts';
import { chunksOf } from '../helpers/chunks.ts';
import { madeBy, SOURCES } from '../helpers/compiled-object.ts';
import { section, sectionsOf, sized, unitsOf } from '../helpers/dwarf-sections.ts';

const EMPTY = Buffer.alloc(0);
const link = ['gcc', '-shared', '-nostdlib', '-fPIC', '-O1', 'main.c', 'part/add.c', '-o', 'made'] as const;

const malformed = expect.objectContaining({ code: 'FORMAT_MALFORMED' });

describe('cutting units of debug information that are too long to be held', () => {
  const condense = (
    bytes: Buffer,
    limits: { unitBytes?: number; keptBytes?: number } = {},
    chunk = 7,
    little = true,
  ): Promise<Buffer | undefined> =>
    condenseUnits(new ByteReader(chunksOf(bytes, chunk)), little, { unitBytes: 80, keptBytes: 10_000, ...limits });

  it.each(['-gdwarf-4', '-gdwarf-5', '-gdwarf64'])('leaves what first entries say: %s', async (option) => {
    const { made: files } = madeBy([[...link, '-g', option]], SOURCES, ['made']);
    const whole = await sectionsOf(files[0] as Buffer);
    const roots = unitsOf(whole).map(({ root }) => root);
    for (const chunk of [1, 7, 10_000]) {
      const info = await condense(whole.info, {}, chunk);
      expect(info?.length).toBeLessThan(whole.info.length);
      expect(unitsOf({ ...whole, info: info ?? EMPTY }).map(({ root }) => root)).toEqual(roots);
    }
  });

  it('cuts nothing that is short, in either byte order and width', async () => {
    const little = sized(Buffer.from('abc'));
    expect(await condense(Buffer.concat([little, little]))).toEqual(Buffer.concat([little, little]));
    expect(await condense(section(0, 0, 0, 3, 1, 2, 3), { unitBytes: 2 }, 7, false)).toEqual(section(0, 0, 0, 2, 1, 2));
    const wide = section(0xff, 0xff, 0xff, 0xff, 3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3);
    expect(await condense(wide, { unitBytes: 2 })).toEqual(
      section(0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 1, 2),
    );
    const bigWide = section(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3);
    expect((await condense(bigWide, { unitBytes: 2 }, 1, false))?.[11]).toBe(2);
  });

  it('keeps no more than it may, and refuses a unit that is cut', async () => {
    const bytes = Buffer.concat([sized(Buffer.from('abc')), sized(Buffer.from('def'))]);
    expect(await condense(bytes, { keptBytes: 14 })).toHaveLength(14);
    expect(await condense(bytes, { keptBytes: 13 })).toBeUndefined();
    for (let end = 1; end < bytes.length; end++)
      if (end !== 7) await expect(condense(bytes.subarray(0, end)), `cut at ${end}`).rejects.toEqual(malformed);
  });
});
