import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { escapeLog, readLog } from '../../../rebuilder/cli/read-log.ts';

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
}

async function whole(stream: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(stream)).toString('utf8');
}

const TEXT = 'dpkg-buildpackage: info: source package less\n'.repeat(40);
const STORED = gzipSync(TEXT);

describe('reading a stored build log', () => {
  it.each([1, 7, STORED.length])('gives its bytes, fed in chunks of %i', async (size) => {
    expect(await whole(readLog(inChunks(STORED, size), TEXT.length))).toBe(TEXT);
  });

  it('refuses one that is cut at any byte', async () => {
    for (let length = 0; length < STORED.length; length += 1) {
      const cut = whole(readLog(inChunks(STORED.subarray(0, length), STORED.length), TEXT.length));
      await expect(cut, `cut at ${length}`).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    }
  });

  it('refuses one that is longer than was recorded, and what is no gzip', async () => {
    await expect(whole(readLog(inChunks(STORED, 64), TEXT.length - 1))).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    await expect(whole(readLog(inChunks(Buffer.from('hello'), 5), 5))).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
  });

  it('passes on what fails beneath it', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield STORED.subarray(0, 10);
      throw new RangeError('the disk');
    }
    await expect(whole(readLog(failing(), TEXT.length))).rejects.toThrow('the disk');
  });
});

describe('a log on a terminal', () => {
  const hostile = 'ok\tä\n\x1b]0;title\x07\r50%\n\xff';

  it.each([1, 7, 100])('is escaped line by line, fed in chunks of %i', async (size) => {
    const bytes = Buffer.concat([Buffer.from(hostile.slice(0, -1)), Buffer.of(0xff)]);
    const text = (await Array.fromAsync(escapeLog(inChunks(bytes, size)))).join('');
    expect(text).toBe('ok    ä\n\\x1b]0;title\\x07\\r50%\n\ufffd\n');
  });

  it('does not wait for the end of a line that has none', async () => {
    let most = 0;
    let total = 0;
    for await (const piece of escapeLog(inChunks(Buffer.alloc(1_000_000, 'x'), 10_000))) {
      most = Math.max(most, piece.length);
      total += piece.length;
    }
    expect({ total, bounded: most <= 30_000 }).toEqual({ total: 1_000_001, bounded: true });
  });
});
