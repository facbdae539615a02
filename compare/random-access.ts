import type { ReadBytes } from '../formats/index.ts';
import { ReproofError } from '../model/index.ts';
import type { ByteSource } from './byte-source.ts';
import { fileSource } from './file-source.ts';
import type { Context } from './types.ts';

/** What cannot be read from anywhere is copied to a file, up to this, not counting the NULs that most disks hold. */
const STORED_BYTES = 4 * 2 ** 30;

/** A source that has `random`, until it is closed. */
export type RandomAccess = { readonly source: ByteSource; close(): Promise<void> };

/** The source itself where it can be read from anywhere, else a copy. Throws ARCHIVE_LIMIT where it is too long for one. */
export async function randomAccess(source: ByteSource, { budget, helpers }: Context): Promise<RandomAccess> {
  if (source.random !== undefined) return { source, close: async () => {} };
  const copy = await helpers.sparseFile(source, { bytes: budget.limits.bytes, storedBytes: STORED_BYTES });
  if (copy === undefined) {
    const message = `reading ${source.name}: more than ${STORED_BYTES} bytes`;
    throw new ReproofError('ARCHIVE_LIMIT', message, { context: { limit: 'stored bytes', value: STORED_BYTES } });
  }
  const { name } = source;
  return { source: budget.metered({ ...(await fileSource(copy.path)), name }), close: copy.remove };
}

/** Reading a source at any place; to be closed. It has `random`. */
export function readBytesOf(source: ByteSource): { readonly read: ReadBytes; close(): void } {
  const random = (source.random as NonNullable<ByteSource['random']>)();
  const read = (offset: number, size: number): Buffer => {
    const bytes = Buffer.allocUnsafe(size);
    return bytes.subarray(0, random.read(bytes, offset));
  };
  return { read, close: () => random.close() };
}
