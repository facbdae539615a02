import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PartitionTable, partitionTableKind, readPartitionTable } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';
import { diskImage, sfdisk } from '../helpers/disk-image.ts';

const GUIDS = ['11111111-2222-3333-4444-555555555555', '11111111-2222-3333-4444-666666666666'] as const;
const GPT = `label: gpt
label-id: ${GUIDS[0]}
start=64, size=128, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=${GUIDS[1]}, name="EFI \u00fc"
start=512, size=256, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, attrs="LegacyBIOSBootable"
`;
const MBR = `label: dos
label-id: 0xdeadbeef
start=64, size=64, type=c, bootable
start=256, size=1024, type=5
start=300, size=64, type=83
start=500, size=100, type=82
start=700, size=100, type=83
`;
const IMAGES = { GPT: diskImage(1024, GPT), MBR: diskImage(1024, MBR) };

const LIMITS = { partitions: 128 };
function readTable(image: Buffer, limits = LIMITS): PartitionTable {
  const read = (offset: number, size: number): Buffer => image.subarray(offset, offset + size);
  return readPartitionTable({ read, size: image.length }, limits);
}
const malformed = expect.objectContaining({ code: 'ARCHIVE_MALFORMED' });

describe.each(['GPT', 'MBR'] as const)('reading a partition table: %s', (kind) => {
  const image = IMAGES[kind];

  it('gives the partitions that sfdisk finds', () => {
    expect(partitionTableKind(image.subarray(0, 4608))).toBe(kind);
    const { partitions, fields } = readTable(image);
    const judged = sfdisk(image);
    expect(fields[kind === 'GPT' ? 'disk GUID' : 'disk signature']).toBe(judged.id.toLowerCase());
    const told = partitions.map(({ number, offset, fields: own }) => ({
      node: `${number}`,
      start: offset / 512,
      type: (own.type ?? '').replace(/^0x0?/, ''),
      ...(kind === 'GPT' ? { name: Buffer.from(own.name ?? '', 'latin1').toString(), uuid: own.GUID } : {}),
    }));
    const expected = judged.partitions.map(({ node, start, type, uuid, name }) => ({
      node: /\d+$/.exec(node)?.[0],
      start,
      type: type.toLowerCase(),
      ...(kind === 'GPT' ? { name: name ?? '', uuid: uuid?.toLowerCase() } : {}),
    }));
    expect(told).toEqual(expected);
    const sizes = judged.partitions.map(({ size, type }) => (type === '5' ? 0 : size * 512));
    expect(partitions.map(({ size }) => size)).toEqual(sizes);
  });

  it('refuses one that is cut, wherever', () => {
    let refused = 0;
    for (let length = 0; length < image.length; length += length < 600 ? 1 : 509) {
      try {
        readTable(image.subarray(0, length));
      } catch (error) {
        expect(isReproofError(error, 'ARCHIVE_MALFORMED'), `cut at ${length}`).toBe(true);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(600);
  });

  it('ends when a limit is passed', () => {
    expect(() => readTable(image, { partitions: 2 })).toThrow(expect.objectContaining({ code: 'ARCHIVE_LIMIT' }));
  });

  it('throws nothing but its own errors, whatever bytes are changed', () => {
    const edit = fc.tuple(
      fc.constantFrom(440, 512, 1024, 256 * 512 + 440, image.length - 512),
      fc.nat(127),
      fc.nat(255),
    );
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const bytes = Buffer.from(image);
        for (const [place, offset, value] of edits) if (place + offset < bytes.length) bytes[place + offset] = value;
        try {
          readTable(bytes);
        } catch (error) {
          expect(isReproofError(error, 'ARCHIVE_MALFORMED', 'ARCHIVE_LIMIT')).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('reading a GPT', () => {
  it('tells checksums that are wrong, and a backup that is gone or another', () => {
    const state = ({ fields }: PartitionTable): (string | undefined)[] => [
      fields['checksums of the table'],
      fields['backup of the table'],
    ];
    expect(state(readTable(IMAGES.GPT))).toEqual(['right', 'the same']);
    const renamed = Buffer.from(IMAGES.GPT);
    renamed.write('X', 1024 + 56);
    expect(state(readTable(renamed))).toEqual(['wrong', 'another']);
    const alone = Buffer.from(IMAGES.GPT);
    alone.fill(0, alone.length - 512);
    expect(state(readTable(alone))).toEqual(['right', 'missing']);
  });

  it('reads tables counted in sectors of 4096 bytes', () => {
    const image = Buffer.alloc(256 * 4096);
    IMAGES.GPT.copy(image, 0, 0, 512);
    IMAGES.GPT.copy(image, 4096, 512, 1024);
    IMAGES.GPT.copy(image, 8192, 1024, 1024 + 128 * 128);
    image.writeBigUInt64LE(10n, 8192 + 32);
    image.writeBigUInt64LE(11n, 8192 + 40);
    image.fill(0, 8192 + 128, 8192 + 256);
    const { partitions, fields } = readTable(image);
    expect(partitions).toMatchObject([{ number: 1, offset: 40_960, size: 8192 }]);
    expect(fields['bytes of a sector']).toBe('4096');
  });

  it('tells names apart that no text can', () => {
    const named = (...codes: number[]): string | undefined => {
      const image = Buffer.from(IMAGES.GPT);
      for (const [index, code] of codes.entries()) image.writeUInt16LE(code, 1024 + 56 + 2 * index);
      return readTable(image).partitions[0]?.fields.name;
    };
    expect(new Set([named(0xd800), named(0xd801), named(0x41, 0, 0x42), named(0x41, 0, 0x43)]).size).toBe(4);
  });
});

describe('reading an MBR', () => {
  it('refuses extended partitions that lead back to themselves', () => {
    const image = Buffer.from(IMAGES.MBR);
    image.writeUInt8(5, 256 * 512 + 446 + 16 + 4);
    image.writeUInt32LE(0, 256 * 512 + 446 + 16 + 8);
    expect(() => readTable(image)).toThrow(expect.objectContaining({ code: 'ARCHIVE_LIMIT' }));
  });

  it('refuses partitions that reach out of the image', () => {
    const image = Buffer.from(IMAGES.MBR);
    image.writeUInt32LE(0xffff_ffff, 446 + 12);
    expect(() => readTable(image)).toThrow(malformed);
  });

  it.each([
    ['a status that is none', 446, 0x12],
    ['no first sector', 446 + 8, 0],
    ['no mark at its end', 510, 0],
  ])('takes a sector with %s for none', (_what, offset, value) => {
    const image = Buffer.from(IMAGES.MBR);
    image[offset] = value;
    expect(partitionTableKind(image)).toBeUndefined();
  });
});
