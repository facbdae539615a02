import { describe, expect, it } from 'vitest';
import {
  DwarfAbbreviations,
  DwarfEntries,
  type DwarfSections,
  dwarfText,
  readDwarfUnits,
} from '../../formats/index.ts';
import { madeBy, SOURCES } from '../helpers/compiled-object.ts';
import {
  type AllSections,
  DWARF_LIMITS,
  madeSections,
  section,
  sectionsOf,
  sized,
  unitsOf,
} from '../helpers/dwarf-sections.ts';

const EMPTY = Buffer.alloc(0);

/** Every entry of every unit, as attributes with their texts. */
function entriesOf(sections: DwarfSections): readonly (readonly number[])[] {
  const abbreviations = new DwarfAbbreviations(sections.abbrev, DWARF_LIMITS);
  return [...readDwarfUnits(sections, abbreviations, DWARF_LIMITS)].flatMap((unit) => {
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
});

/** A unit of DWARF 4 whose first entry, of abbreviation 1, holds these bytes. */
const unit = (...values: readonly (number | string)[]): Buffer => sized(section(4, 0, 0, 0, 0, 0, 8, 1, ...values));
/** An abbreviation of a compile unit: attributes as name and form. */
const abbreviation = (...attributes: readonly number[]): Buffer => section(1, 0x11, 1, ...attributes, 0, 0, 0);
const malformed = expect.objectContaining({ code: 'FORMAT_MALFORMED' });
const limited = expect.objectContaining({ code: 'FORMAT_LIMIT' });

describe('reading debug information that no sound program wrote', () => {
  it('reads a unit of either byte order, and one of nothing but padding', () => {
    const big = madeSections(
      section(0, 0, 0, 14, 0, 4, 0, 0, 0, 0, 8, 1, 0x00, 0x1c, 0, 0, 0, 4),
      abbreviation(0x13, 0x05, 0x25, 0x0e),
    );
    const [found] = unitsOf({ ...big, little: false });
    expect(found?.root).toEqual({ language: 28, producer: 'two', elsewhere: [] });
    const padding = madeSections(sized(section(4, 0, 0, 0, 0, 0, 8, 0, 0)), EMPTY);
    expect(unitsOf(padding).map(({ root }) => root)).toEqual([{ elsewhere: [] }]);
  });

  it('says which texts another file holds', () => {
    const sections = madeSections(unit('a.c', 1, 0, 0, 0), abbreviation(0x03, 0x08, 0x25, 0xa1, 0x3e));
    expect(unitsOf(sections)[0]?.root).toEqual({ name: 'a.c', elsewhere: ['producer'] });
    const outside = madeSections(unit(99, 0, 0, 0), abbreviation(0x25, 0x0e));
    expect(unitsOf(outside)[0]?.root).toEqual({ elsewhere: ['producer'] });
  });

  it('takes a form that stands with the value, and no other such form in it', () => {
    const abbrev = abbreviation(0x03, 0x16);
    expect(unitsOf(madeSections(unit(0x08, 'a.c'), abbrev))[0]?.root.name).toBe('a.c');
    expect(() => unitsOf(madeSections(unit(0x16, 0x16, 0x08, 'a.c'), abbrev))).toThrow(malformed);
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
    expect(() => unitsOf(madeSections(info, abbrev))).toThrow(malformed);
  });

  it('refuses entries without an end, and reads them where padding follows', () => {
    const endless = (...rest: readonly number[]): DwarfSections =>
      madeSections(unit(0x61, 0, 1, ...rest), abbreviation(0x03, 0x08));
    expect(() => entriesOf(endless(0x62))).toThrow(malformed);
    expect(entriesOf(endless(0x62, 0, 0, 0))).toEqual([[0x03], [0x03], [], []]);
  });

  it('stops at each limit', () => {
    const two = madeSections(Buffer.concat([unit('a'), unit('b')]), abbreviation(0x03, 0x08));
    expect(unitsOf(two, { ...DWARF_LIMITS, units: 2, abbreviations: 1, attributes: 1 })).toHaveLength(2);
    expect(() => unitsOf(two, { ...DWARF_LIMITS, units: 1 })).toThrow(limited);
    expect(() => unitsOf(two, { ...DWARF_LIMITS, attributes: 0 })).toThrow(limited);
    expect(() => unitsOf(two, { ...DWARF_LIMITS, abbreviations: 0 })).toThrow(limited);
  });

  it('keeps a text without an end within bounds', () => {
    const str = Buffer.alloc(100_000, 0x61);
    const sections = { ...madeSections(EMPTY, EMPTY), str };
    const index = { base: 0, wide: false };
    expect(dwarfText({ kind: 'str', offset: 1 }, { sections, index })).toHaveLength(65_536);
    expect(dwarfText({ kind: 'index', index: 2 ** 60 }, { sections, index })).toBe('outside');
  });

  it('ends in units or in an error of its own, wherever a section is cut or broken', async () => {
    const { made: files } = madeBy([[...link, '-gdwarf-5']], SOURCES, ['made']);
    const whole = await sectionsOf(files[0] as Buffer);
    let refused = 0;
    const attempt = (sections: AllSections): void => {
      try {
        entriesOf(sections);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^FORMAT_/) });
        refused++;
      }
    };
    for (const name of ['info', 'abbrev', 'str', 'lineStr'] as const)
      for (let at = 0; at < whole[name].length; at++) {
        attempt({ ...whole, [name]: whole[name].subarray(0, at) });
        const broken = Buffer.from(whole[name]);
        broken.writeUInt8((broken[at] as number) ^ 0xff, at);
        attempt({ ...whole, [name]: broken });
      }
    expect(refused).toBeGreaterThan(500);
  });
});
