import { describe, expect, it } from 'vitest';
import {
  ByteReader,
  condenseUnits,
  DwarfAbbreviations,
  DwarfEntries,
  type DwarfSections,
  type DwarfUnit,
  dwarfText,
  readDwarfLines,
  readDwarfUnits,
  readElf,
} from '../../formats/index.ts';
import { chunksOf } from '../helpers/chunks.ts';
import { madeBy, SOURCES } from '../helpers/compiled-object.ts';

const LIMITS = { units: 100, abbreviations: 1_000, attributes: 100 };
const LINE_LIMITS = { tables: 100, names: 1_000 };
const EMPTY = Buffer.alloc(0);

type Sections = DwarfSections & { readonly line: Buffer };

async function sectionsOf(file: Buffer, ending = ''): Promise<Sections> {
  const elf = await readElf((start) => chunksOf(file.subarray(start), 4096), {
    sections: 1_000,
    nameBytes: 100_000,
    noteBytes: 100_000,
  });
  const bytes = (name: string): Buffer => {
    const found = elf.sections.find((section) => section.name === `.debug_${name}${ending}`);
    return found === undefined ? EMPTY : file.subarray(found.offset, found.offset + found.size);
  };
  return {
    little: true,
    ...{ info: bytes('info'), abbrev: bytes('abbrev'), str: bytes('str'), lineStr: bytes('line_str') },
    ...{ strOffsets: bytes('str_offsets'), line: bytes('line') },
  };
}

function unitsOf(sections: DwarfSections, limits = LIMITS): readonly DwarfUnit[] {
  return [...readDwarfUnits(sections, new DwarfAbbreviations(sections.abbrev, limits), limits)];
}

/** Every entry of every unit, as attributes with their texts. */
function entriesOf(sections: DwarfSections): readonly (readonly number[])[] {
  const abbreviations = new DwarfAbbreviations(sections.abbrev, LIMITS);
  return [...readDwarfUnits(sections, abbreviations, LIMITS)].flatMap((unit) => {
    const entries = new DwarfEntries(sections, unit, abbreviations);
    const found: number[][] = [];
    while (entries.next()) {
      const names = entries.abbreviation?.names ?? [];
      for (const index of names.keys()) entries.value(index);
      found.push([...names]);
    }
    return found;
  });
}

/** What readelf(1) prints of an attribute, without the form. */
const valuesOf = (printed: string, attribute: string): string[] =>
  [...printed.matchAll(new RegExp(`DW_AT_${attribute} *: (.*)`, 'g'))].map(([, value = '']) =>
    value.replace(/^(?:\([^)]*\) ?)+(?:: )?/, '').trim(),
  );

const link = ['gcc', '-shared', '-nostdlib', '-fPIC', '-O1', 'main.c', 'part/add.c', '-o', 'made'] as const;

describe('reading debug information', () => {
  it.each([
    ['DWARF 2', ['-gdwarf-2', '-gstrict-dwarf']],
    ['DWARF 3', ['-gdwarf-3', '-gstrict-dwarf']],
    ['DWARF 4', ['-gdwarf-4']],
    ['DWARF 5', ['-gdwarf-5']],
    ['DWARF 4 of 64 bits', ['-gdwarf64', '-gdwarf-4']],
    ['DWARF 5 of 64 bits', ['-gdwarf64', '-gdwarf-5']],
    ['DWARF 4 with types apart', ['-gdwarf-4', '-fdebug-types-section']],
    ['DWARF 5 with types apart', ['-gdwarf-5', '-fdebug-types-section']],
  ])('reads what readelf reads of the units: %s', async (_what, options) => {
    const { printed, made } = madeBy(
      [
        [...link, ...options],
        ['readelf', '-W', '--debug-dump=info', '--dwarf-depth=1', 'made'],
      ],
      SOURCES,
      ['made'],
    );
    const units = unitsOf(await sectionsOf(made[0] as Buffer)).filter(({ root }) => root.producer !== undefined);
    expect(units.map(({ root }) => root.name)).toEqual(['main.c', 'part/add.c']);
    expect(units.map(({ root }) => root.name)).toEqual(valuesOf(printed, 'name'));
    expect(units.map(({ root }) => root.folder)).toEqual(valuesOf(printed, 'comp_dir'));
    expect(units.map(({ root }) => root.producer)).toEqual(valuesOf(printed, 'producer'));
    const languages = valuesOf(printed, 'language').map((value) => Number.parseInt(value, 10));
    // Units of types, where there are any, have one, too.
    expect(new Set(units.map(({ root }) => root.language))).toEqual(new Set(languages));
  });

  it.each(['-gdwarf-4', '-gdwarf-5'])('steps through all entries that readelf counts: %s', async (option) => {
    const { printed, made } = madeBy(
      [
        [...link, option],
        ['readelf', '-W', '--debug-dump=info', 'made'],
      ],
      SOURCES,
      ['made'],
    );
    const entries = entriesOf(await sectionsOf(made[0] as Buffer));
    const judged = printed.split('\n').filter((line) => line.includes('Abbrev Number:'));
    expect(entries).toHaveLength(judged.length);
    expect(entries.flat()).toHaveLength([...printed.matchAll(/^ +<[0-9a-f]+> +DW_AT_/gm)].length);
  });

  it.each(['-gdwarf-4', '-gdwarf-5'])(
    'follows texts by their number in the file of a split unit: %s',
    async (option) => {
      const { made } = madeBy([['gcc', '-c', '-gsplit-dwarf', option, 'main.c', '-o', 'made.o']], SOURCES, [
        'made.dwo',
      ]);
      const [unit] = unitsOf(await sectionsOf(made[0] as Buffer, '.dwo'));
      expect(unit?.root).toMatchObject({
        name: 'main.c',
        producer: expect.stringMatching(/^GNU C\d+ .*-gsplit-dwarf/),
      });
      expect(unit?.kind).toBe(option === '-gdwarf-5' ? 'split compile' : 'compile');
    },
  );

  it.each(['-gdwarf-4', '-gdwarf-5', '-gdwarf64'])('reads the files that line tables name: %s', async (option) => {
    const { printed, made } = madeBy(
      [
        [...link, '-g', option],
        ['readelf', '-W', '--debug-dump=rawline', 'made'],
      ],
      SOURCES,
      ['made'],
    );
    const tables = [...readDwarfLines(await sectionsOf(made[0] as Buffer), LINE_LIMITS)];
    expect(tables).toHaveLength(2);
    const names = tables.flatMap(({ files }) => files.map(({ name }) => name));
    const lists = [...printed.matchAll(/The File Name Table[\s\S]*?\n\n/g)].map(([list]) => list);
    expect(names).toEqual(lists.flatMap((list) => [...list.matchAll(/^ +\d+\t.*?(\S+)$/gm)].map(([, name]) => name)));
    const [, second] = tables;
    const header = second?.files.find(({ name }) => name === 'list.h');
    expect(second?.folders[header?.folder ?? -1]).toMatch(/^(?:.*\/)?part$/);
  });
});

/** A section of numbers: bytes as they are, and texts with their zero. */
const section = (...parts: readonly (number | string)[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(`${part}\0`, 'latin1'))),
  );

/** Before it, the length that a unit begins with. */
function sized(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([length, content]);
}

/** A unit of DWARF 4 whose first entry, of abbreviation 1, holds these bytes. */
const unit = (...values: readonly (number | string)[]): Buffer => sized(section(4, 0, 0, 0, 0, 0, 8, 1, ...values));
const made = (info: Buffer, abbrev: Buffer): Sections => ({
  ...{ little: true, info, abbrev, str: section('one', 'two'), lineStr: EMPTY, strOffsets: EMPTY, line: EMPTY },
});
/** An abbreviation of a compile unit: attributes as name and form. */
const abbreviation = (...attributes: readonly number[]): Buffer => section(1, 0x11, 1, ...attributes, 0, 0, 0);
const malformed = expect.objectContaining({ code: 'FORMAT_MALFORMED' });
const limited = expect.objectContaining({ code: 'FORMAT_LIMIT' });

describe('reading debug information that no sound program wrote', () => {
  it('reads a unit of either byte order, and one of nothing but padding', () => {
    const big = made(
      section(0, 0, 0, 14, 0, 4, 0, 0, 0, 0, 8, 1, 0x00, 0x1c, 0, 0, 0, 4),
      abbreviation(0x13, 0x05, 0x25, 0x0e),
    );
    const [found] = unitsOf({ ...big, little: false });
    expect(found?.root).toEqual({ language: 28, producer: 'two', elsewhere: [] });
    const padding = made(sized(section(4, 0, 0, 0, 0, 0, 8, 0, 0)), EMPTY);
    expect(unitsOf(padding).map(({ root }) => root)).toEqual([{ elsewhere: [] }]);
  });

  it('says which texts another file holds', () => {
    const sections = made(unit('a.c', 1, 0, 0, 0), abbreviation(0x03, 0x08, 0x25, 0xa1, 0x3e));
    expect(unitsOf(sections)[0]?.root).toEqual({ name: 'a.c', elsewhere: ['producer'] });
    const outside = made(unit(99, 0, 0, 0), abbreviation(0x25, 0x0e));
    expect(unitsOf(outside)[0]?.root).toEqual({ elsewhere: ['producer'] });
  });

  it('takes a form that stands with the value, and no other such form in it', () => {
    const abbrev = abbreviation(0x03, 0x16);
    expect(unitsOf(made(unit(0x08, 'a.c'), abbrev))[0]?.root.name).toBe('a.c');
    expect(() => unitsOf(made(unit(0x16, 0x16, 0x08, 'a.c'), abbrev))).toThrow(malformed);
  });

  it.each([
    ['a unit longer than its section', section(200, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8, 1), abbreviation()],
    ['a reserved length', section(0xf0, 0xff, 0xff, 0xff, 4, 0, 0, 0, 0, 0, 8, 1), abbreviation()],
    ['a length of 2^64', Buffer.alloc(24, 0xff), abbreviation()],
    ['a version that is not known', sized(section(6, 0, 1, 8, 0, 0, 0, 0, 1)), abbreviation()],
    ['a table of abbreviations outside', sized(section(4, 0, 0, 9, 0, 0, 8, 1)), abbreviation()],
    ['an abbreviation that is not in its table', sized(section(4, 0, 0, 0, 0, 0, 8, 7)), abbreviation()],
    ['a table without an end', unit(), section(2, 0x11, 1, 0, 0)],
    ['a number of more bytes than any', sized(section(4, 0, 0, 0, 0, 0, 8, ...Array(20).fill(0x81))), abbreviation()],
    ['a form that is not known', unit(1, 2, 3, 4), abbreviation(0x03, 0x7f)],
    ['a text that goes on after its unit', Buffer.concat([unit(0x61), section('b')]), abbreviation(0x03, 0x08)],
    ['a block longer than its unit', unit(0xff, 0xff, 0xff, 0xff, 0x0f), abbreviation(0x02, 0x18)],
  ])('refuses %s', (_what, info, abbrev) => {
    expect(() => unitsOf(made(info, abbrev))).toThrow(malformed);
  });

  it('refuses entries without an end, and reads them where padding follows', () => {
    const endless = (...rest: readonly number[]): DwarfSections =>
      made(unit(0x61, 0, 1, ...rest), abbreviation(0x03, 0x08));
    expect(() => entriesOf(endless(0x62))).toThrow(malformed);
    expect(entriesOf(endless(0x62, 0, 0, 0))).toEqual([[0x03], [0x03], [], []]);
  });

  it('stops at each limit', () => {
    const two = made(Buffer.concat([unit('a'), unit('b')]), abbreviation(0x03, 0x08));
    expect(unitsOf(two, { ...LIMITS, units: 2, abbreviations: 1, attributes: 1 })).toHaveLength(2);
    expect(() => unitsOf(two, { ...LIMITS, units: 1 })).toThrow(limited);
    expect(() => unitsOf(two, { ...LIMITS, attributes: 0 })).toThrow(limited);
    expect(() => unitsOf(two, { ...LIMITS, abbreviations: 0 })).toThrow(limited);
  });

  it('keeps a text without an end within bounds', () => {
    const str = Buffer.alloc(100_000, 0x61);
    const sections = { ...made(EMPTY, EMPTY), str };
    const index = { base: 0, wide: false };
    expect(dwarfText({ kind: 'str', offset: 1 }, { sections, index })).toHaveLength(65_536);
    expect(dwarfText({ kind: 'index', index: 2 ** 60 }, { sections, index })).toBe('outside');
  });

  it('ends in units or in an error of its own, wherever a section is cut or broken', async () => {
    const { made: files } = madeBy([[...link, '-gdwarf-5']], SOURCES, ['made']);
    const whole = await sectionsOf(files[0] as Buffer);
    let refused = 0;
    const attempt = (sections: Sections): void => {
      try {
        entriesOf(sections);
        [...readDwarfLines(sections, LINE_LIMITS)];
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^FORMAT_/) });
        refused++;
      }
    };
    for (const name of ['info', 'abbrev', 'line', 'lineStr'] as const)
      for (let at = 0; at < whole[name].length; at++) {
        attempt({ ...whole, [name]: whole[name].subarray(0, at) });
        const broken = Buffer.from(whole[name]);
        broken.writeUInt8((broken[at] as number) ^ 0xff, at);
        attempt({ ...whole, [name]: broken });
      }
    expect(refused).toBeGreaterThan(500);
  });
});

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

/** The rest of a line table's header up to its names, DWARF 5: two formats follow. */
const table = (...names: readonly (number | string)[]): Buffer => {
  const rest = section(1, 1, 1, 0xfb, 14, 1, ...names);
  return sized(Buffer.concat([section(5, 0, 8, 0, rest.length, 0, 0, 0), rest]));
};
const lines = (line: Buffer): unknown[] => [...readDwarfLines({ ...made(EMPTY, EMPTY), line }, LINE_LIMITS)];

describe('reading line tables that no sound program wrote', () => {
  it('reads names of any form, and passes over what is not known', () => {
    const good = table(1, 1, 0x08, 1, 'x', 3, 1, 0x0e, 2, 0x05, 0x21, 0x0f, 1, 4, 0, 0, 0, 1, 0, 9);
    expect(lines(good)).toMatchObject([{ folders: ['x'], files: [{ name: 'two', folder: 1 }] }]);
  });

  it('stops at the limit of names, also where a name has no bytes', () => {
    expect(() => lines(table(0, 0xff, 0xff, 0x7f))).toThrow(limited);
    expect(() => lines(table(2, 1, 0x19, 3, 0x19, 0xff, 0xff, 0xff, 0xff, 0x0f))).toThrow(limited);
  });

  it.each([
    ['a header longer than its table', sized(section(5, 0, 8, 0, 99, 0, 0, 0, 1, 1, 1, 1, 1, 1))],
    ['a version that is not known', sized(section(1, 0, 0, 0, 0, 0))],
    ['names that go on after the header', table(1, 1, 0x08, 2, 'x')],
  ])('refuses %s', (_what, line) => {
    expect(() => lines(line)).toThrow(malformed);
  });
});
