import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  partialTiles,
  readBundle,
  readTile,
  readTilePath,
  type TileName,
  tileOf,
  tilePath,
  writeBundle,
} from '../../../attest/tlog/tiles.ts';
import { isReproofError } from '../../../model/index.ts';

const names: fc.Arbitrary<TileName> = fc.record({
  level: fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 })),
  index: fc.maxSafeNat(),
  width: fc.integer({ min: 1, max: 256 }),
});

describe("a tile's path", () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 1234, width: 17 }, 'tile/0/x001/234.p/17'],
    [{ level: 63, index: 1234067, width: 256 }, 'tile/63/x001/x234/067'],
    [{ level: 'entries', index: 999, width: 1 }, 'tile/entries/999.p/1'],
  ] as const)('of %j is %s', (name, path) => {
    expect(tilePath(name)).toBe(path);
    expect(readTilePath(path)).toEqual(name);
  });

  it('is read back, whatever the tile', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(readTilePath(tilePath(name))).toEqual(name);
      }),
    );
  });

  it.each([
    'tile/0/1',
    'tile/00/001',
    'tile/64/001',
    'tile/-1/001',
    'tile/data/001',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001/x002',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/../000',
    'tile/0/x999/x999/x999/x999/x999/999',
    'tile/0/000\n',
    '',
  ])('is not %j', (path) => {
    expect(readTilePath(path)).toBeUndefined();
  });
});

describe('the tiles of a tree', () => {
  it('of 70,000 entries are those of the specification', () => {
    expect(partialTiles(70_000).map(tilePath)).toEqual(['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1']);
    expect(tileOf(0, 272, 70_000)?.width).toBe(256);
    expect(tileOf('entries', 273, 70_000)?.width).toBe(112);
    expect(tileOf(0, 274, 70_000)).toBeUndefined();
    expect(tileOf(1, 0, 70_000)?.width).toBe(256);
  });

  it('of 256 entries are a full one and one of a single hash', () => {
    expect(partialTiles(256).map(tilePath)).toEqual(['tile/1/000.p/1']);
    expect(partialTiles(0)).toEqual([]);
  });
});

describe('a bundle of entries', () => {
  it('is read back, and refused when cut, lengthened or taken for another width', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 20 }),
        fc.nat(),
        (entries, seed) => {
          const name: TileName = { level: 'entries', index: 3, width: entries.length };
          const bytes = writeBundle(entries);
          expect(readBundle(bytes, name).map((each) => [...each])).toEqual(entries.map((each) => [...each]));
          const refused = expect.objectContaining({
            code: 'LOG_MALFORMED',
            message: expect.stringContaining(`tile/entries/003.p/${entries.length}`),
          });
          expect(() => readBundle(bytes.subarray(0, seed % bytes.length), name)).toThrow(refused);
          expect(() => readBundle(Buffer.concat([bytes, Uint8Array.of(0)]), name)).toThrow(refused);
          expect(() => readBundle(bytes, { ...name, width: name.width + 1 })).toThrow(/it ends after/);
        },
      ),
    );
  });

  it('holds entries of up to 65,535 bytes', () => {
    const longest = Buffer.alloc(65_535, 1);
    expect(readBundle(writeBundle([longest]), { level: 'entries', index: 0, width: 1 })[0]).toEqual(longest);
  });

  it('is read or refused, whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 256 }), (bytes, width) => {
        try {
          expect(Buffer.from(writeBundle(readBundle(bytes, { level: 'entries', index: 0, width })))).toEqual(
            Buffer.from(bytes),
          );
        } catch (error) {
          expect(isReproofError(error, 'LOG_MALFORMED')).toBe(true);
        }
      }),
    );
  });
});

describe('a tile', () => {
  it('is refused when it is not as long as its name says', () => {
    const name: TileName = { level: 0, index: 0, width: 3 };
    expect(readTile(Buffer.alloc(96), name)).toHaveLength(3);
    for (const length of [0, 95, 97, 128, 8192])
      expect(() => readTile(Buffer.alloc(length), name)).toThrow('reading tile/0/000.p/3: it is of');
  });
});
