import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../programs/index.ts';
import { openBlobs } from '../../../rebuilder/store/index.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const limits = { wallSeconds: 10, outputBytes: 1_000_000 };
const content = Buffer.from('All that is gold does not glitter.\n'.repeat(20));
const sha256 = createHash('sha256').update(content).digest('hex');

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream));
}

async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

describe('blobs', () => {
  it.each([1, 7, content.length])(
    'stores a stream of %i-byte chunks under its digest, as sha256sum agrees',
    async (size) => {
      const folder = await temporaryFolder();
      const blobs = await openBlobs(folder);
      expect(await blobs.put('gold', inChunks(content, size), content.length)).toEqual({
        name: 'gold',
        size: content.length,
        sha256,
      });
      const file = path.join(folder, 'sha256', sha256.slice(0, 2), sha256);
      expect(await blobs.path(sha256)).toBe(file);
      const { stdout } = await runProgram(['sha256sum', file], { limits });
      expect(stdout.toString()).toBe(`${sha256}  ${file}\n`);
      expect((await readAll(blobs.read(sha256))).equals(content)).toBe(true);
      expect(await filesUnder(folder)).toEqual([file]);
      expect((await stat(file)).mode & 0o777).toBe(0o400);
    },
  );

  it('stores the empty stream', async () => {
    const blobs = await openBlobs(await temporaryFolder());
    const { sha256: empty, size } = await blobs.put('nothing', inChunks(content.subarray(0, 0), 1), 0);
    expect(size).toBe(0);
    expect((await readAll(blobs.read(empty))).length).toBe(0);
  });

  it('stores equal content once, even when put at the same moment', async () => {
    const folder = await temporaryFolder();
    const blobs = await openBlobs(folder);
    await Promise.all([1, 2, 3].map((number) => blobs.put(`n${number}`, inChunks(content, number), content.length)));
    expect(await filesUnder(folder)).toHaveLength(1);
  });

  it('refuses one byte more than the limit and leaves nothing', async () => {
    const folder = await temporaryFolder();
    const blobs = await openBlobs(folder);
    await expect(blobs.put('gold', inChunks(content, 7), content.length - 1)).rejects.toMatchObject({
      code: 'FETCH_TOO_LARGE',
    });
    expect(await filesUnder(folder)).toEqual([]);
  });

  it('leaves nothing of a stream that breaks, and lets its error through', async () => {
    const folder = await temporaryFolder();
    const blobs = await openBlobs(folder);
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield content;
      throw new Error('the line is dead');
    };
    await expect(blobs.put('gold', broken(), 1e6)).rejects.toThrow('the line is dead');
    expect(await filesUnder(folder)).toEqual([]);
  });

  it('throws at the end of a blob that is longer, shorter or other than it was', async () => {
    const folder = await temporaryFolder();
    const blobs = await openBlobs(folder);
    await blobs.put('gold', inChunks(content, 7), content.length);
    const file = (await blobs.path(sha256)) ?? '';
    await chmod(file, 0o600);
    const other = Buffer.from(content);
    other[100] = 0;
    for (const damaged of [Buffer.concat([content, Buffer.of(0)]), content.subarray(0, -1), other]) {
      await truncate(file);
      await writeFile(file, damaged);
      await expect(readAll(blobs.read(sha256))).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    }
    await blobs.put('gold again', inChunks(content, 7), content.length);
    expect((await readAll(blobs.read(sha256))).equals(content)).toBe(true);
  });

  it('says of a missing blob that it is missing', async () => {
    const blobs = await openBlobs(await temporaryFolder());
    expect(await blobs.path(sha256)).toBeUndefined();
    await expect(readAll(blobs.read(sha256))).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
  });

  it.each(['../../etc/passwd', sha256.toUpperCase(), `${sha256}\n`, ''])('takes %j for no digest', async (text) => {
    const blobs = await openBlobs(await temporaryFolder());
    await expect(blobs.path(text)).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(readAll(blobs.read(text))).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('leaves alone, when it opens, what a living process is writing', async () => {
    const folder = await temporaryFolder();
    const blobs = await openBlobs(folder);
    const slow = new Readable({ read() {} });
    const putting = blobs.put('slow', slow, 100);
    slow.push('half');
    await expect.poll(() => filesUnder(folder)).toHaveLength(1);
    await openBlobs(folder);
    slow.push(null);
    expect((await readAll(blobs.read((await putting).sha256))).toString()).toBe('half');
    expect(await readFile((await blobs.path((await putting).sha256)) ?? '', 'utf8')).toBe('half');
  });
});
