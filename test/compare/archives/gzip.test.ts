import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';

const compare = (left: Uint8Array, right: Uint8Array): Promise<Difference> =>
  explain(bufferSource('x.gz', left), bufferSource('x.gz', right));
const words = Array.from({ length: 3000 }, (_, index) => `${(index * 7919) % 1000}`).join(' ');
const byGzip = (...options: string[]): Buffer => execFileSync('gzip', ['-nc', ...options], { input: words });

function stamped(bytes: Buffer, mtime: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(mtime, 4);
  return copy;
}

describe('explaining how two gzip files differ', () => {
  it('names the level that gives each side, each byte of it', async () => {
    const [left, right] = [byGzip('-6'), byGzip('-1')];
    const found = await compare(left, right);
    expect(found.fields).toEqual([
      { name: 'extra flags', left: '0', right: '4 (fastest)' },
      { name: 'made by', left: 'gzip -6', right: 'gzip -1' },
    ]);
    expect(found.reasons).toContainEqual({
      kind: 'compression',
      evidence: 'packed again, the content gives the same bytes',
      left: 'gzip -6',
      right: 'gzip -1',
    });
    expect(await compare(right, left)).toEqual(mirror(found));
  });

  it('knows zlib from gzip', async () => {
    const found = await compare(gzipSync(words, { level: 9 }), byGzip('-1'));
    expect(found.fields).toContainEqual({ name: 'made by', left: "Node's zlib at level 9", right: 'gzip -1' });
  });

  it('says so when no setting it knows gives the bytes', async () => {
    const odd = gzipSync(words, { level: 3, memLevel: 1, windowBits: 9 });
    const found = await compare(odd, byGzip('-9'));
    expect(found.fields).toContainEqual({ name: 'made by', right: 'gzip -9' });
    expect(found.notes).toEqual(['of 14 settings tried, not each side has one that gives its bytes']);
  });

  it('gives a time in the header as the reason, and packs nothing again', async () => {
    const bytes = byGzip('-9');
    const found = await compare(stamped(bytes, 0), stamped(bytes, 1_700_000_000));
    expect(found.fields).toEqual([{ name: 'mtime', left: 'none', right: '2023-11-14T22:13:20Z' }]);
    expect(found.reasons).toEqual([
      { kind: 'timestamp', evidence: 'mtime in the gzip header', left: 'none', right: '2023-11-14T22:13:20Z' },
    ]);
    expect(found.detail).toBe('only the header differs: content and packed bytes are equal');
  });

  it('says of another name in the header that it is one, and of another system that another program packed', async () => {
    const bytes = byGzip('-9');
    const named = (name: string): Buffer =>
      Buffer.concat([
        bytes.subarray(0, 3),
        Buffer.from([8]),
        bytes.subarray(4, 10),
        Buffer.from(`${name}\0`),
        bytes.subarray(10),
      ]);
    const found = await compare(named('tmp1'), named('tmp22'));
    expect(found.reasons).toEqual([
      { kind: 'metadata', evidence: 'file name in the gzip header', left: 'tmp1', right: 'tmp22' },
    ]);
    const other = Buffer.from(bytes);
    other.writeUInt8(255, 9);
    expect((await compare(stamped(bytes, 1), stamped(other, 2))).reasons?.map(({ kind }) => kind)).toEqual([
      'compression',
      'timestamp',
    ]);
  });

  it('tells members and trailing bytes', async () => {
    const one = gzipSync(words);
    const two = Buffer.concat([gzipSync(words.slice(0, 100)), gzipSync(words.slice(100)), Buffer.alloc(7)]);
    const found = await compare(one, two);
    expect(found.detail).toContain('the unpacked content is equal');
    expect(found.fields).toEqual(
      expect.arrayContaining([
        { name: 'members', left: '1', right: '2' },
        { name: 'member 1 size', right: '100' },
        { name: 'trailing bytes', right: '7 bytes of zero' },
      ]),
    );
    const junk = await compare(one, Buffer.concat([one, Buffer.from('junk')]));
    expect(junk.fields).toEqual([{ name: 'trailing bytes', right: expect.stringMatching(/^4 bytes, sha256 /) }]);
  });

  it('tells of the first member only what differs from a file of one', async () => {
    const one = byGzip('-n');
    const two = Buffer.concat([one, byGzip('-n')]);
    const { fields = [] } = await compare(one, two);
    expect(fields.filter(({ left }) => left !== undefined).map(({ name }) => name)).toEqual(['members']);
    expect(fields.map(({ name }) => name)).toContain('member 2 system');
  });

  it('tells what the header of a file says that breaks off', async () => {
    const one = byGzip('-n');
    const { fields = [] } = await compare(one, one.subarray(0, 30));
    expect(fields.map(({ name }) => name)).toEqual(['broken', 'members']);
    expect(fields[1]).toEqual({ name: 'members', left: '1', right: '0 and one that breaks off' });
  });

  it('names a time as a cause where that of the first member differs, however many there are', async () => {
    const one = byGzip('-n');
    const two = Buffer.concat([gzipSync(words.slice(0, 100)), gzipSync(words.slice(100))]);
    expect((await compare(one, two)).reasons?.map(({ kind }) => kind)).toEqual(['compression']);
    expect((await compare(one, stamped(two, 7))).reasons?.map(({ kind }) => kind)).toEqual([
      'compression',
      'timestamp',
    ]);
  });

  it('does not blame the compression for what fills a file up', async () => {
    const one = gzipSync(words);
    const found = await compare(one, Buffer.concat([one, Buffer.alloc(4)]));
    expect(found.detail).toBe('the smaller file is the beginning of the larger: what follows adds no content');
    expect(found.reasons ?? []).toEqual([]);
    const more = await compare(Buffer.concat([one, Buffer.alloc(9)]), Buffer.concat([one, Buffer.alloc(4)]));
    expect(more.reasons ?? []).toEqual([]);
  });

  it('tells names apart that differ far behind', async () => {
    const named = (last: string): Buffer => {
      const bytes = byGzip('-9');
      bytes[3] = 8;
      return Buffer.concat([bytes.subarray(0, 10), Buffer.from(`${'n'.repeat(250)}${last}\0`), bytes.subarray(10)]);
    };
    const found = await compare(named('a'), named('b'));
    expect(found.fields?.map(({ name }) => name)).toEqual(['file name']);
  });

  it('never takes a cut or broken file for an equal one', async () => {
    const two = Buffer.concat([gzipSync(words), gzipSync('more')]);
    for (const length of [two.length - 1, two.length - 9, gzipSync(words).length + 3]) {
      const found = await compare(two, two.subarray(0, length));
      expect(JSON.stringify(found)).toContain('ARCHIVE_MALFORMED');
      expect(JSON.stringify(found)).not.toContain('is equal');
    }
  });
});
