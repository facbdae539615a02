/** Bodies of bench/service-abuse.ts, at and past each limit: first of nobody, then of an operator. */
import { request } from 'node:http';
import { createGzip, createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib';

process.once('disconnect', () => process.exit(1));
const [port = '', token = ''] = process.argv.slice(2);
const MIB = 1024 ** 2;
const WIRE = 64 * MIB;
const UNPACKED = 128 * MIB;

/** Bytes of JSON that are packed without ever being there whole: a text of so many bytes. */
async function bomb(length: number, packer: NodeJS.ReadWriteStream): Promise<Buffer> {
  const reading = Array.fromAsync(packer as unknown as AsyncIterable<Buffer>);
  packer.write('"');
  for (let left = length - 2; left > 0; left -= MIB) {
    if (!packer.write(Buffer.alloc(Math.min(MIB, left), 'a')))
      await new Promise((resolve) => packer.once('drain', resolve));
  }
  packer.end('"');
  return Buffer.concat(await reading);
}
const frame = zstdCompressSync(Buffer.alloc(16 * MIB, ' '));
const BODIES: readonly (readonly [string, string, Buffer])[] = [
  ['at the limit', 'identity', Buffer.from(`"${'a'.repeat(WIRE - 2)}"`)],
  ['a byte past it', 'identity', Buffer.from(`"${'a'.repeat(WIRE - 1)}"`)],
  ['zstd, at the limit', 'zstd', await bomb(UNPACKED, createZstdCompress())],
  ['zstd, a byte past it', 'zstd', await bomb(UNPACKED + 1, createZstdCompress())],
  ['gzip, a byte past it', 'gzip', await bomb(UNPACKED + 1, createGzip())],
  ['64 frames of zstd', 'zstd', Buffer.concat(Array.from({ length: 64 }, () => frame))],
  ['zstd in zstd', 'zstd', zstdCompressSync(Buffer.concat(Array.from({ length: 64 }, () => frame)))],
  ['gzip in gzip', 'gzip', gzipSync(gzipSync(Buffer.alloc(64 * MIB)))],
  ['deep JSON', 'gzip', gzipSync('['.repeat(8 * MIB))],
];

function post(path: string, encoding: string, body: Buffer, authorization?: string): Promise<string> {
  return new Promise((resolve) => {
    const asking = request(
      {
        port: Number(port),
        host: '127.0.0.1',
        localAddress: '127.0.5.1',
        path,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-encoding': encoding,
          'content-length': body.length,
          ...(authorization === undefined ? {} : { authorization: `Bearer ${authorization}` }),
        },
      },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve(String(answer.statusCode)));
      },
    );
    asking.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    asking.end(body);
  });
}

const answers: Record<string, string> = {};
for (const [name, encoding, body] of BODIES)
  answers[`${name}, of nobody`] = [
    ...new Set(
      await Promise.all(
        ['/api/queue', '/api/v1/builds', '/api/v0/build/report', '/api/v1/workers'].map((path) =>
          post(path, encoding, body),
        ),
      ),
    ),
  ].join(' ');
process.send?.({ refused: answers }, () => undefined);
await new Promise((resolve) => process.once('message', resolve));
for (const [name, encoding, body] of BODIES)
  answers[`${name}, four at once of an operator`] = [
    ...new Set(await Promise.all(Array.from({ length: 4 }, () => post('/api/v1/packages', encoding, body, token)))),
  ].join(' ');
process.send?.(
  { answered: Object.fromEntries(Object.entries(answers).filter(([name]) => name.endsWith('operator'))) },
  () => process.exit(0),
);
