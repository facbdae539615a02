import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../compare/byte-source.ts';
import { compare, fileSource } from '../../compare/index.ts';
import { sha256Of } from '../../model/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const BYTES = 12 * 2 ** 20;
const SEEN = 5 * 2 ** 20;

/** Two files that differ at their second byte, and once more at their end. */
async function files() {
  const folder = await temporaryFolder();
  const old = Buffer.alloc(BYTES, 'a text that goes on\n');
  const now = Buffer.from(old);
  now.write('z', 1);
  now.write('z', BYTES - 1);
  await writeFile(join(folder, 'old'), old);
  await writeFile(join(folder, 'now'), now);
  return { old, now, left: await fileSource(join(folder, 'old')), right: await fileSource(join(folder, 'now')) };
}

/** The source, of which past some bytes `beyond` happens on the first reading. */
function watched(source: ByteSource, beyond: () => void): ByteSource {
  return {
    ...source,
    random: () => {
      const reader = (source.random as () => ReturnType<NonNullable<ByteSource['random']>>)();
      return {
        read: (into, position) => {
          if (position > SEEN) beyond();
          return reader.read(into, position);
        },
        close: reader.close,
      };
    },
  };
}

describe('what is read on beside the looking, once a difference was seen', () => {
  it('is all in the digests', async () => {
    const { old, now, left, right } = await files();
    const found = await compare(left, right);
    expect(found).toMatchObject({
      identical: false,
      left: { size: BYTES, sha256: sha256Of(old) },
      right: { size: BYTES, sha256: sha256Of(now) },
    });
    expect(JSON.stringify(found.difference)).toContain('z text that goes on'.slice(1, 8));
  });

  it('that cannot be read fails the comparison as it failed', async () => {
    const { left, right } = await files();
    const broken = watched(right, () => {
      throw new Error('EIO: i/o error, read');
    });
    await expect(compare(left, broken)).rejects.toThrow('EIO: i/o error, read');
  });

  it('ends where the comparison is interrupted', async () => {
    const { left, right } = await files();
    const interrupt = new AbortController();
    const seen = watched(right, () => interrupt.abort());
    await expect(compare(left, seen, { signal: interrupt.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
