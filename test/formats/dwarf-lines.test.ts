import { describe, expect, it } from 'vitest';
import { readDwarfLines } from '../../formats/index.ts';
import { madeBy, SOURCES } from '../helpers/compiled-object.ts';
import { type AllSections, madeSections, section, sectionsOf, sized } from '../helpers/dwarf-sections.ts';

const LINE_LIMITS = { tables: 100, names: 1_000 };
const EMPTY = Buffer.alloc(0);
const link = ['gcc', '-shared', '-nostdlib', '-fPIC', '-O1', 'main.c', 'part/add.c', '-o', 'made'] as const;

const malformed = expect.objectContaining({ code: 'FORMAT_MALFORMED' });
const limited = expect.objectContaining({ code: 'FORMAT_LIMIT' });

describe('reading line tables', () => {
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

  it('ends in tables or in an error of its own, wherever a section is cut or broken', async () => {
    const { made: files } = madeBy([[...link, '-gdwarf-5']], SOURCES, ['made']);
    const whole = await sectionsOf(files[0] as Buffer);
    let refused = 0;
    const attempt = (sections: AllSections): void => {
      try {
        expect([...readDwarfLines(sections, LINE_LIMITS)].length).toBeLessThan(3);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^FORMAT_/) });
        refused++;
      }
    };
    for (let at = 0; at < whole.line.length; at++) {
      attempt({ ...whole, line: whole.line.subarray(0, at) });
      const broken = Buffer.from(whole.line);
      broken.writeUInt8((broken[at] as number) ^ 0xff, at);
      attempt({ ...whole, line: broken });
    }
    expect(refused).toBeGreaterThan(100);
  });
});

/** The rest of a line table's header up to its names, DWARF 5: two formats follow. */
const table = (...names: readonly (number | string)[]): Buffer => {
  const rest = section(1, 1, 1, 0xfb, 14, 1, ...names);
  return sized(Buffer.concat([section(5, 0, 8, 0, rest.length, 0, 0, 0), rest]));
};
const lines = (line: Buffer): unknown[] => [...readDwarfLines({ ...madeSections(EMPTY, EMPTY), line }, LINE_LIMITS)];

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
