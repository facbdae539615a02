import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FatLimits, type FatName, FatReader } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';
import { fatImage, mtools } from '../helpers/fat-image.ts';

const ROOMY: FatLimits = { names: 1000, depth: 100, pathBytes: 100_000 };
const LARGE = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7919) >>> 3));
const many = Object.fromEntries(
  Array.from({ length: 60 }, (_, index) => [`many/${index} of so many long names`, `${index}`]),
);
const FILES = {
  'EFI/BOOT/BOOTX64.EFI': LARGE,
  'EFI/debian/grub.cfg': 'x\n',
  'a long n\u00e4me.text': 'y',
  'small.txt': '',
  ...many,
};
const KINDS = [
  ['12 bits', 12, fatImage({ files: FILES, kib: 1024, make: ['-F', '12'] })],
  ['16 bits', 16, fatImage({ files: FILES, kib: 4096, make: ['-F', '16', '-s', '1'] })],
  ['32 bits', 32, fatImage({ files: FILES, kib: 40_960, make: ['-F', '32', '-s', '1'] })],
  ['sectors of 4096 bytes', 12, fatImage({ files: FILES, kib: 2048, make: ['-S', '4096', '-s', '1'] })],
] as const;

const read = (image: Buffer): FatReader => new FatReader((offset, size) => image.subarray(offset, offset + size));
const namesOf = (image: Buffer, limits = ROOMY): readonly FatName[] => [...read(image).names(limits)];
function contentOf(image: Buffer, { cluster, size }: FatName): Buffer {
  return Buffer.concat(
    [...read(image).chains.pieces(cluster, size)].map((piece) =>
      image.subarray(piece.offset, piece.offset + piece.size),
    ),
  );
}
const utf8 = (path: string): string => Buffer.from(path, 'latin1').toString();
const malformed = expect.objectContaining({ code: 'ARCHIVE_MALFORMED' });

describe.each(KINDS)('reading a FAT image with %s', (_what, bits, image) => {
  it('gives the names that mtools lists, and their contents', () => {
    expect(read(image).layout.bits).toBe(bits);
    const names = namesOf(image);
    const listed = mtools(image, 'mdir', ['-/', '-a', '-b', '::']).toString().trimEnd().split('\n');
    const folders = names.filter(({ kind }) => kind === 'folder').map(({ path }) => path);
    const told = names.map(({ path, kind }) => `::/${utf8(path)}${kind === 'folder' ? '/' : ''}`);
    expect(told.toSorted()).toEqual(listed.toSorted());
    expect(folders.toSorted()).toEqual(['EFI', 'EFI/BOOT', 'EFI/debian', 'many']);
    for (const name of names.filter(({ kind }) => kind === 'file')) {
      const content = contentOf(image, name);
      expect(content.equals(Buffer.from(FILES[utf8(name.path) as keyof typeof FILES])), name.path).toBe(true);
    }
    const large = mtools(image, 'mtype', ['::EFI/BOOT/BOOTX64.EFI']);
    expect(large.equals(LARGE)).toBe(true);
  });

  it('gives times and short names', () => {
    const name = namesOf(image).find(({ path }) => path.startsWith('a long'));
    expect(name).toMatchObject({ shortName: 'ALONGN~1.TEX', modified: '2023-11-14 22:13:20', attributes: 0x20 });
  });
});

describe('reading a broken FAT image', () => {
  const image = fatImage({ files: { 'folder/file': LARGE, other: 'y' }, kib: 256, make: ['-F', '12', '-n', 'LABEL'] });
  const file = namesOf(image).find(({ path }) => path === 'folder/file') as FatName;
  const { layout } = read(image);

  function readAll(bytes: Buffer): number {
    const reader = read(bytes);
    let count = 0;
    for (const { cluster, size } of reader.names(ROOMY))
      for (const piece of reader.chains.pieces(cluster, size)) count += reader.bytes(piece.offset, piece.size).length;
    return count;
  }

  it('names the label', () => {
    expect(namesOf(image).map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      'LABEL label',
      'folder folder',
      'folder/file file',
      'other file',
    ]);
  });

  it('refuses one cut where something is needed, and never fails otherwise', () => {
    let refused = 0;
    for (let length = 0; length < image.length; length += length < 1000 ? 7 : 509) {
      try {
        readAll(image.subarray(0, length));
      } catch (error) {
        expect(isReproofError(error, 'ARCHIVE_MALFORMED'), `cut at ${length}`).toBe(true);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(300);
  });

  it.each<[keyof FatLimits, number]>([
    ['names', 4],
    ['depth', 2],
    ['pathBytes', 'LABELfolderfolder/fileother'.length],
  ])('ends when %s passes its limit by one, and not before', (limit, value) => {
    expect(namesOf(image, { ...ROOMY, [limit]: value })).toHaveLength(4);
    expect(() => namesOf(image, { ...ROOMY, [limit]: value - 1 })).toThrow(
      expect.objectContaining({ code: 'ARCHIVE_LIMIT', context: { limit, value: value - 1 } }),
    );
  });

  /** The image with the table's entry of a cluster, of 12 bits, set. */
  function chained(cluster: number, next: number): Buffer {
    const bytes = Buffer.from(image);
    const at = layout.tableAt + Math.floor((cluster * 3) / 2);
    const old = bytes.readUInt16LE(at);
    bytes.writeUInt16LE(cluster % 2 === 1 ? (old & 0xf) | (next << 4) : (old & 0xf000) | next, at);
    return bytes;
  }

  it('follows a chain that leads back to itself no further than the size', () => {
    expect(contentOf(chained(file.cluster + 1, file.cluster), file)).toHaveLength(LARGE.length);
  });

  it('refuses a chain that ends too soon, or leads out of the image', () => {
    for (const next of [0xfff, 0, 1, 0xff0])
      expect(() => contentOf(chained(file.cluster + 1, next), file)).toThrow(malformed);
  });

  it('refuses a folder without end, and enters one that holds itself once', () => {
    const folder = namesOf(image).find(({ path }) => path === 'folder') as FatName;
    const endless = chained(folder.cluster, folder.cluster);
    endless.fill(
      0xe5,
      layout.dataAt + (folder.cluster - 2) * layout.clusterBytes,
      layout.dataAt + (folder.cluster - 1) * layout.clusterBytes,
    );
    expect(() => namesOf(endless)).toThrow(malformed);
    const own = Buffer.from(image);
    const entry = own.indexOf(Buffer.from('FILE       ', 'latin1'));
    own.writeUInt8(0x10, entry + 11);
    own.writeUInt16LE(folder.cluster, entry + 26);
    expect(namesOf(own).map(({ path }) => path)).toEqual(['LABEL', 'folder', 'folder/file', 'other']);
  });

  it('takes the short name where the long one belongs to another entry', () => {
    const long = fatImage({ files: { 'a long name': 'x' }, kib: 256 });
    const entry = long.indexOf(Buffer.from('ALONGN~1', 'latin1'));
    long.write('B', entry);
    expect(namesOf(long).map(({ path }) => path)).toEqual(['BLONGN~1']);
  });

  it('throws nothing but its own errors, whatever bytes are changed', () => {
    const edit = fc.tuple(fc.constantFrom(0, 512, layout.dataAt - 512 * 32, layout.dataAt), fc.nat(511), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const bytes = Buffer.from(image);
        for (const [place, offset, value] of edits) bytes[Math.max(0, place) + offset] = value;
        try {
          const reader = read(bytes);
          for (const { cluster, size } of reader.names(ROOMY))
            for (const piece of reader.chains.pieces(cluster, Math.min(size, 2 ** 20)))
              expect(piece.size).toBeGreaterThan(0);
        } catch (error) {
          expect(isReproofError(error, 'ARCHIVE_MALFORMED', 'ARCHIVE_LIMIT')).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
