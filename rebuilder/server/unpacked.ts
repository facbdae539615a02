import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { readZstd } from './read-zstd.ts';

/** Logs are kept as zstd or gzip; what is neither is given as it is. */
export async function* unpacked(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = stored[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const whole = (async function* () {
    yield first.value;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  })();
  const magic = Buffer.from(first.value.subarray(0, 4)).toString('hex');
  if (magic === '28b52ffd') yield* readZstd(whole);
  else if (magic.startsWith('1f8b')) yield* Readable.from(whole, { objectMode: false }).compose(createGunzip());
  else yield* whole;
}
