import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readFont } from '../../formats/index.ts';
import {
  changedLines,
  compareAllWays,
  compareBytes,
  fieldsOf,
  notesOf,
  pathsOf,
  reasonsOf,
  survivesDamage,
} from '../helpers/compare-bytes.ts';

const u16 = (...values: number[]): Buffer =>
  Buffer.concat(values.map((value) => Buffer.from([value >> 8, value & 255])));
const u32 = (...values: number[]): Buffer =>
  Buffer.concat(values.map((value) => u16(Math.floor(value / 65536), value % 65536)));
const CREATED = 2_082_844_800 + 1_700_000_000;

const head = (created = CREATED, flags = 11): Buffer =>
  Buffer.concat([
    u32(0x10000, 0x18000, 0x1234, 0x5f0f3cf5),
    u16(flags, 1000),
    u32(0, created, 0, CREATED),
    Buffer.alloc(18),
  ]);
const wide = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const names = (version: string): Buffer => {
  const [family, text] = [wide('Small'), wide(version)];
  const records = u16(3, 1, 0x409, 1, family.length, 0, 3, 1, 0x409, 5, text.length, family.length);
  return Buffer.concat([u16(0, 2, 30), records, family, text]);
};
type Tables = Readonly<Record<string, Buffer>>;
const TABLES: Tables = { glyf: Buffer.from('outlines'), head: head(), name: names('Version 1.0') };

/** Tables one after another, each with a checksum that is its size; listed as given, or by their tags. */
function fontOf(tables: Tables, listed: 'as given' | 'by tag' = 'as given'): Buffer {
  const entries = Object.entries(tables);
  let offset = 12 + 16 * entries.length;
  const directory = entries.map(([tag, bytes]) => {
    const entry = Buffer.concat([Buffer.from(tag), u32(bytes.length, offset, bytes.length)]);
    offset += bytes.length;
    return entry;
  });
  if (listed === 'by tag') directory.sort(Buffer.compare);
  return Buffer.concat([u32(0x10000), u16(entries.length, 0, 0, 0), ...directory, ...Object.values(tables)]);
}

function woffOf(tables: Tables, level: number): Buffer {
  const entries = Object.entries(tables).map(([tag, bytes]) => {
    const packed = deflateSync(bytes, { level });
    return { tag, bytes, packed: packed.length < bytes.length ? packed : bytes };
  });
  let offset = 44 + 20 * entries.length;
  const directory = entries.map(({ tag, bytes, packed }) => {
    const entry = Buffer.concat([Buffer.from(tag), u32(offset, packed.length, bytes.length, 0)]);
    offset += packed.length;
    return entry;
  });
  const header = Buffer.concat([
    Buffer.from('wOFF'),
    u32(0x10000, offset),
    u16(entries.length, 0),
    u32(999),
    u16(1, 0),
  ]);
  return Buffer.concat([header, Buffer.alloc(20), ...directory, ...entries.map(({ packed }) => packed)]);
}

const font = fontOf(TABLES);

describe('explaining how two fonts differ', () => {
  it('names the time of creation, and nothing else of the head', async () => {
    const found = await compareAllWays(font, fontOf({ ...TABLES, head: head(CREATED + 60) }));
    const sides = { left: '2023-11-14T22:13:20Z', right: '2023-11-14T22:14:20Z' };
    expect(found).toMatchObject({ kind: 'font', children: [] });
    expect(fieldsOf(found)).toEqual([{ name: 'head created', ...sides }]);
    expect(reasonsOf(found)).toEqual([{ kind: 'timestamp', evidence: 'head created', ...sides }]);
  });

  it('shows the head as bytes where more of it differs', async () => {
    const found = await compareAllWays(font, fontOf({ ...TABLES, head: head(CREATED, 12) }));
    expect(pathsOf(found)).toEqual(['file', 'head']);
  });

  it('names the version of the name table', async () => {
    const found = await compareAllWays(font, fontOf({ ...TABLES, name: names('Version 2.0') }));
    expect(pathsOf(found)).toEqual(['file', 'names']);
    expect(changedLines(found)).toEqual([
      '-5 (platform 3, encoding 1, language 0x0409): Version 1.0',
      '+5 (platform 3, encoding 1, language 0x0409): Version 2.0',
    ]);
    expect(reasonsOf(found).map(({ kind }) => kind)).toEqual(['version-text']);
  });

  it("names FontForge's own times, a signature, and a table of one side", async () => {
    const forge = (time: number): Buffer => Buffer.concat([u32(1, 0, time), Buffer.alloc(16)]);
    const [one, other] = [CREATED, CREATED + 1].map((time) => fontOf({ ...TABLES, FFTM: forge(time) }));
    const found = await compareAllWays(one as Buffer, other as Buffer);
    expect(fieldsOf(found).map(({ name }) => name)).toEqual(['FontForge version']);
    const signed = (text: string): Buffer => fontOf({ ...TABLES, DSIG: Buffer.from(text) });
    expect(reasonsOf(await compareAllWays(signed('one'), signed('two'))).map(({ kind }) => kind)).toEqual([
      'signature',
    ]);
    expect(pathsOf(await compareAllWays(font, signed('one')))).toEqual(['file', 'DSIG']);
  });

  it('tells tables in another order', async () => {
    const { glyf, ...rest } = TABLES;
    const found = await compareAllWays(font, fontOf({ ...rest, glyf: glyf as Buffer }));
    expect(reasonsOf(found).map(({ kind }) => kind)).toEqual(['order']);
    expect(found.children).toEqual([]);
  });

  it('tells tables that are listed alike and stored in another order', async () => {
    const { glyf, ...rest } = TABLES;
    const [one, other] = [fontOf(TABLES, 'by tag'), fontOf({ ...rest, glyf: glyf as Buffer }, 'by tag')];
    const found = await compareAllWays(one, other);
    expect(reasonsOf(found)).toEqual([{ kind: 'order', evidence: 'tables stored in another order' }]);
    expect(fieldsOf(found)).toEqual([{ name: 'tables as stored', left: 'glyf head name', right: 'head name glyf' }]);
    expect(found).toMatchObject({ kind: 'font', children: [] });
  });

  it('looks into what WOFF packs, and says where only the packing differs', async () => {
    const long = { ...TABLES, glyf: Buffer.from('outlines '.repeat(50)) };
    const packed = await compareAllWays(woffOf(long, 9), woffOf(long, 0));
    expect(notesOf(packed)).toContain('table glyf is equal, packed otherwise');
    expect(packed.children).toEqual([]);
    const found = await compareAllWays(woffOf(long, 9), woffOf({ ...long, name: names('Version 2.0') }, 9));
    expect(pathsOf(found)).toEqual(['file', 'names']);
  });

  it('reads the fonts of a collection, a table they share once', () => {
    const at = 20;
    const single = fontOf(TABLES);
    const collection = Buffer.concat([Buffer.from('ttcf'), u32(0x10000, 2, at, at), single]);
    const { tables, header } = readFont(collection, { fonts: 2 });
    expect(header).toEqual({ version: '1', fonts: '2' });
    expect(tables.map(({ tag }) => tag)).toEqual(['glyf', 'head', 'name']);
    expect(() => readFont(collection, { fonts: 1 })).toThrow(expect.objectContaining({ code: 'FORMAT_LIMIT' }));
  });

  it('takes no table for a font, though one may begin with the same version and a tag', async () => {
    const layout = (feature: string): Buffer =>
      Buffer.concat([
        u32(0x10000),
        u16(10, 30, 44, 1),
        Buffer.from('DFLT'),
        u16(8, 4, 0, 0, 0xffff, 1, 0, 1),
        Buffer.from(feature),
        u16(8, 0, 1, 0, 1, 4, 0, 0, 0, 0),
        Buffer.alloc(200),
      ]);
    const [left, right] = [layout('kern'), layout('mark')];
    expect((await compareBytes(left, right)).kind).toBe('bytes');
    const found = await compareBytes(fontOf({ ...TABLES, GPOS: left }), fontOf({ ...TABLES, GPOS: right }));
    expect(found.children.map(({ path, kind }) => [path, kind])).toEqual([['GPOS', 'bytes']]);
  });

  it('takes no text for a font', async () => {
    expect((await compareBytes(Buffer.from(`true${'x'.repeat(40)}`), Buffer.from('true or false?'))).kind).toBe('text');
  });

  it('names the same table for swapped sides, where one of either cannot be inflated', async () => {
    const broken = (version: string): Buffer => {
      const bytes = woffOf({ name: names(version), glyf: Buffer.alloc(200, version) }, 9);
      return bytes.fill(0xff, bytes.length - 4);
    };
    const found = await compareAllWays(broken('1.0'), broken('Version 1.0'));
    expect(notesOf(found).join()).toContain('inflating table of font');
  });

  it('never throws and never says equal, wherever one is cut or broken', async () => {
    await survivesDamage(font);
    await survivesDamage(woffOf(TABLES, 9), 3);
  });
});

describe('fonts that are cut off', () => {
  it('are said to lack what is beyond their ends, and nothing of it is said to be equal', async () => {
    const font = readFileSync(join(import.meta.dirname, '../fixtures/fuzz/ttf'));
    const { notes } = await compareAllWays(font, font.subarray(0, 11_000));
    expect(notes).toContain('table glyf reaches beyond the end of a file');
    expect(notes.filter((note) => note.includes('equal'))).toEqual([]);
  });
});
