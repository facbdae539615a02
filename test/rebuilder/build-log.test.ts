import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openBuildLog } from '../../rebuilder/build-log.ts';
import { openBlobs } from '../../rebuilder/store/index.ts';
import { temporaryFolder } from '../helpers/run-cli.ts';

async function logOf(
  chunks: readonly Buffer[],
  lastLine?: string,
): Promise<{ text: string; lines: string[]; bytes: number }> {
  const blobs = await openBlobs(await temporaryFolder());
  const lines: string[] = [];
  const log = openBuildLog(blobs, { elapsed: () => 1.5, maxBytes: 1_000_000, onLine: (line) => lines.push(line) });
  for (const chunk of chunks) await log.write(chunk);
  const { blob, bytes } = await log.close(lastLine);
  const text = gunzipSync(Buffer.concat(await Array.fromAsync(blobs.read(blob.sha256)))).toString('utf8');
  return { text, lines, bytes };
}

describe('the log of a build', () => {
  it('is stamped by line, however the bytes come', async () => {
    const input = Buffer.from('first\nsecond é\n\nlast without end');
    const expected = '[    1.500] first\n[    1.500] second é\n[    1.500] \n[    1.500] last without end\n';
    for (const size of [1, 7, input.length]) {
      const chunks = Array.from({ length: Math.ceil(input.length / size) }, (_none, index) =>
        input.subarray(index * size, (index + 1) * size),
      );
      expect(await logOf(chunks)).toEqual({
        text: expected,
        lines: ['first', 'second é', '', 'last without end'],
        bytes: Buffer.byteLength(expected),
      });
    }
  });

  it('cuts a line that never ends, and loses nothing of it', async () => {
    const { text, lines } = await logOf([Buffer.alloc(40_000, 'x')]);
    expect(lines.map((line) => line.length)).toEqual([16_384, 16_384, 7232]);
    expect(text.replace(/\[ +1\.500\] |\n/g, '')).toBe('x'.repeat(40_000));
  });

  it('ends with a line of ours where it was cut', async () => {
    expect((await logOf([Buffer.from('a\nb')], 'cut here')).lines).toEqual(['a', 'b', 'cut here']);
  });

  it('is a log too when nothing was printed', async () => {
    expect(await logOf([])).toEqual({ text: '', lines: [], bytes: 0 });
  });
});
