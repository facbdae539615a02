import { describe, expect, it } from 'vitest';
import type { Difference } from '../../../model/index.ts';
import { compareBytes } from '../../helpers/compare-bytes.ts';
import { diskImage } from '../../helpers/disk-image.ts';
import { extImage } from '../../helpers/ext-image.ts';
import { mirror } from '../../helpers/mirror.ts';

const ID = '11111111-2222-3333-4444-555555555555';
const ROOT = extImage({ files: { file: 'one\n' }, size: '256K' });
const OTHER = extImage({ files: { file: 'two\n' }, size: '256K' });

type Disk = { readonly id?: string; readonly root?: Buffer; readonly name?: string; readonly sectors?: object };
function gpt({ id = ID, root = ROOT, name = 'root', sectors = {} }: Disk = {}): Buffer {
  const script = `label: gpt
label-id: ${id}
start=64, size=64, type=21686148-6449-6E6F-744E-656564454649, uuid=${ID}
start=128, size=512, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, uuid=${ID}, name=${name}
`;
  return diskImage(512, script, { 64: 'boot loader', 128: root, ...sectors });
}
function mbr(text: string): Buffer {
  const script =
    'label: dos\nlabel-id: 0x1\nstart=64, size=512, type=83\nstart=600, size=64, type=5\nstart=610, size=8, type=83\n';
  return diskImage(512, script, { 64: ROOT, 610: text });
}

/** Both ways round: the second must be the first mirrored. */
async function compare(left: Buffer, right: Buffer): Promise<Difference> {
  const found = await compareBytes(left, right);
  expect(await compareBytes(right, left)).toEqual(mirror(found));
  return found;
}

describe('comparing two disk images', () => {
  it('goes into the partition that differs, and its files', async () => {
    const found = await compare(gpt(), gpt({ root: OTHER }));
    expect(found.kind).toBe('disk');
    expect(found.children.map(({ path, kind }) => `${path} ${kind}`)).toEqual(['partition 2 ext']);
    expect(found.children[0]?.children).toMatchObject([{ path: 'file', kind: 'text' }]);
  });

  it('names what differs of the table, in an image that can only be streamed, too', async () => {
    const [left, right] = [gpt(), gpt({ id: ID.replace('1', '2'), name: 'usr' })];
    const found = await compare(left, right);
    const { left: _, right: __, ...streamed } = await compareBytes(left, right, { chunk: 65_536 });
    expect(found).toMatchObject(streamed);
    expect(found.fields?.map(({ name }) => name)).toEqual(['disk GUID']);
    expect(found.reasons).toMatchObject([{ kind: 'random', evidence: 'disk GUID of the partition table' }]);
    expect(found.children).toMatchObject([
      {
        path: 'partition 2',
        detail: 'equal content, other header',
        fields: [{ name: 'name', left: 'root', right: 'usr' }],
      },
    ]);
  });

  it('shows boot code, and what stands in no partition', async () => {
    const found = await compare(gpt(), gpt({ sectors: { 0: 'code', 50: 'hidden', 700: 'after' } }));
    expect(found.children.map(({ path }) => path)).toEqual([
      '(after partition 2)',
      '(before the partitions)',
      '(boot code)',
    ]);
  });

  it('goes into logical partitions of an MBR', async () => {
    const found = await compare(mbr('one\n'), mbr('two\n'));
    expect(found.children.map(({ path }) => path)).toEqual(['partition 5']);
  });

  it.each([
    ['two bytes before the entries', 444],
    ['an entry that is not used', 446 + 3 * 16 + 2],
    ['the size of an extended partition', 446 + 16 + 12],
    ['the sector that an extended one begins with', 600 * 512 + 3],
  ])('names what belongs to no partition of an MBR: %s', async (_, at) => {
    const [left, right] = [mbr('one\n'), mbr('one\n')];
    right[at] = (right[at] as number) ^ 1;
    expect((await compare(left, right)).fields?.map(({ name }) => name)).toEqual(['rest of the tables']);
  });

  it('says what it could not read, and never takes it for equal', async () => {
    const broken = gpt();
    broken.writeUInt32LE(0xffff_ffff, 1024 + 40);
    const found = await compare(gpt(), broken);
    expect(found).toMatchObject({
      kind: 'bytes',
      notes: [expect.stringContaining('ARCHIVE_MALFORMED: reading partition 1')],
    });
  });
});
