import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXT_TYPES, type ExtLimits, readExtNames } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';
import { extImage } from '../helpers/ext-image.ts';
import { contentOf, inodeOf, namesOf, ROOMY, read } from '../helpers/read-ext.ts';

const LARGE = Buffer.from(Array.from({ length: 700_000 }, (_, index) => (index * 7919) >>> 3));

describe('reading a broken ext image', () => {
  const image = extImage({
    files: { 'folder/file': 'x'.repeat(5000), other: 'y' },
    links: { link: 'z'.repeat(80) },
    size: '256K',
    make: ['-O', '^has_journal,^resize_inode', '-N', '16'],
  });

  /** Everything that can be read of it. */
  function readAll(bytes: Buffer): number {
    const reader = read(bytes);
    let count = 0;
    for (const { inode: number } of readExtNames(reader, ROOMY)) {
      const inode = reader.inode(number);
      reader.attributes(inode);
      if (inode.mode >> 12 === EXT_TYPES.symlink) reader.target(inode);
      for (const { size } of reader.pieces(inode)) count += size;
      count += reader.inline(inode)?.length ?? 0;
      if (++count > 100_000) break;
    }
    return count;
  }

  it('refuses one cut where something is needed, and never fails otherwise', () => {
    expect(readAll(image)).toBeGreaterThan(5000);
    let refused = 0;
    for (let length = 0; length < image.length; length += length < 3000 ? 7 : 509) {
      try {
        readAll(image.subarray(0, length));
      } catch (error) {
        expect(isReproofError(error, 'ARCHIVE_MALFORMED'), `cut at ${length}`).toBe(true);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(430);
  });

  it.each<[keyof ExtLimits, number]>([
    ['names', 5],
    ['depth', 2],
    ['pathBytes', 'lost+found'.length + 'folder'.length + 'folder/file'.length + 'other'.length + 'link'.length],
    ['folderBytes', 12_288],
  ])('ends when %s passes its limit by one, and not before', (limit, value) => {
    expect(namesOf(image, { ...ROOMY, [limit]: value }).size).toBe(5);
    expect(() => namesOf(image, { ...ROOMY, [limit]: value - 1 })).toThrow(
      expect.objectContaining({ code: 'ARCHIVE_LIMIT', context: { limit, value: value - 1 } }),
    );
  });

  it('throws nothing but its own errors, whatever bytes are changed', () => {
    const places = [1024, 2048, ...['folder/file', 'folder', 'other', 'link'].map((path) => placeOf(image, path))];
    const edit = fc.tuple(fc.constantFrom(...places), fc.nat(255), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const bytes = Buffer.from(image);
        for (const [place, offset, value] of edits) bytes[place + offset] = value;
        try {
          readAll(bytes);
        } catch (error) {
          expect(isReproofError(error, 'ARCHIVE_MALFORMED', 'ARCHIVE_LIMIT')).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** Where an inode's bytes stand in the image. */
function placeOf(image: Buffer, path: string): number {
  return image.indexOf(inodeOf(image, path).bytes);
}

describe('reading an ext image made to deceive', () => {
  const MAPPED = extImage({ type: 'ext2', files: { 'folder/file': LARGE, other: 'y' }, make: ['-b', '1024'] });
  const EXTENTS = extImage({ files: { 'folder/file': LARGE, other: 'y' }, make: ['-b', '1024'] });
  const MAP = 0x28;

  /** The image with what `change` makes of an inode. */
  function changed(image: Buffer, path: string, change: (inode: Buffer) => void): Buffer {
    const bytes = Buffer.from(image);
    const at = placeOf(image, path);
    change(bytes.subarray(at, at + 256));
    return bytes;
  }
  const contents = (image: Buffer, path: string): Buffer => contentOf(read(image), inodeOf(image, path));
  const malformed = expect.objectContaining({ code: 'ARCHIVE_MALFORMED' });

  it('enters a folder that holds itself once', () => {
    const [folder, root] = [inodeOf(EXTENTS, 'folder').number, 2];
    const bytes = Buffer.from(EXTENTS);
    const entry = bytes.indexOf(Buffer.from('\x04\x01file', 'latin1')) - 6;
    for (const number of [folder, root]) {
      bytes.writeUInt32LE(number, entry);
      expect(namesOf(bytes).get('folder/file')).toBe(number);
      expect(namesOf(bytes).size).toBe(4);
    }
  });

  it('passes over names of inode 0, and refuses those of none', () => {
    const bytes = Buffer.from(EXTENTS);
    const entry = bytes.indexOf(Buffer.from('\x04\x01file', 'latin1')) - 6;
    bytes.writeUInt32LE(0, entry);
    expect(namesOf(bytes).has('folder/file')).toBe(false);
    bytes.writeUInt32LE(0xffff_ffff, entry);
    expect(() => namesOf(bytes)).toThrow(malformed);
  });

  it('refuses extents that overlap, go back, reach out of the image or hold nothing', () => {
    const extent = (edit: (extent: Buffer) => void): Buffer =>
      changed(EXTENTS, 'folder/file', (inode) => edit(inode.subarray(MAP)));
    const two = (start: number): Buffer =>
      extent((map) => {
        map.writeUInt16LE(2, 2);
        map.writeUInt32LE(start, 24);
        map.writeUInt16LE(1, 28);
        map.writeUInt32LE(100, 32);
      });
    expect(contents(two(5000), 'folder/file').length).toBe(LARGE.length);
    for (const bytes of [
      two(0),
      two(10),
      extent((map) => map.writeUInt32LE(4_000_000, 20)),
      extent((map) => map.writeUInt16LE(0xffff, 18)),
      extent((map) => map.writeUInt32LE(0, 20)),
      extent((map) => map.writeUInt16LE(0, 16)),
      extent((map) => map.writeUInt16LE(5, 2)),
      extent((map) => map.writeUInt16LE(6, 6)),
      extent((map) => map.writeUInt16LE(0, 0)),
    ])
      expect(() => contents(bytes, 'folder/file')).toThrow(malformed);
  });

  it('refuses a tree of extents that leads back to itself, or has nodes without entries', () => {
    const block = 3000;
    const tree = (depth: number, node: (bytes: Buffer) => void): Buffer => {
      const bytes = changed(EXTENTS, 'folder/file', (inode) => {
        inode.writeUInt16LE(1, MAP + 2);
        inode.writeUInt16LE(depth, MAP + 6);
        inode.writeUInt32LE(0, MAP + 12);
        inode.writeUInt32LE(block, MAP + 16);
        inode.writeUInt16LE(0, MAP + 20);
      });
      node(bytes.subarray(block * 1024, (block + 1) * 1024));
      return bytes;
    };
    const self = tree(2, (node) => {
      node.writeUInt16LE(0xf30a, 0);
      node.writeUInt16LE(1, 2);
      node.writeUInt16LE(1, 6);
      node.writeUInt32LE(0, 12);
      node.writeUInt32LE(block, 16);
    });
    const empty = tree(1, (node) => {
      node.fill(0);
      node.writeUInt16LE(0xf30a, 0);
    });
    for (const bytes of [self, empty]) expect(() => contents(bytes, 'folder/file')).toThrow(malformed);
  });

  it('reads blocks of numbers that name themselves no further than the size', () => {
    const at = MAP + 4 * 12;
    const self = Buffer.from(MAPPED);
    const indirect = inodeOf(MAPPED, 'folder/file').bytes.readUInt32LE(at);
    for (let offset = 0; offset < 1024; offset += 4) self.writeUInt32LE(indirect, indirect * 1024 + offset);
    expect(contents(self, 'folder/file').length).toBe(LARGE.length);
    const outside = changed(MAPPED, 'folder/file', (inode) => inode.writeUInt32LE(0x7fff_ffff, at));
    expect(() => contents(outside, 'folder/file')).toThrow(malformed);
  });

  it('refuses sizes that no map can reach', () => {
    const huge = changed(EXTENTS, 'folder/file', (inode) => inode.writeUInt32LE(0x7fff_ffff, 0x6c));
    expect(() => namesOf(huge)).toThrow(malformed);
  });

  it('refuses records of folders that end nowhere', () => {
    for (const length of [0, 4, 7, 9, 2000]) {
      const bytes = Buffer.from(EXTENTS);
      bytes.writeUInt16LE(length, bytes.indexOf(Buffer.from('\x04\x01file', 'latin1')) - 2);
      expect(() => namesOf(bytes)).toThrow(malformed);
    }
  });

  it('refuses features it does not know', () => {
    const bytes = Buffer.from(EXTENTS);
    bytes.writeUInt32LE(0x8000_0000, 1024 + 0x60);
    expect(() => read(bytes)).toThrow(malformed);
  });
});
