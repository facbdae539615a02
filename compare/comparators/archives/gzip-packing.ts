import { Readable } from 'node:stream';
import { createDeflateRaw } from 'node:zlib';
import { rangeSource } from '../../byte-source.ts';
import { streamWithin } from '../../helpers/bounded-run.ts';
import { identical } from '../../identity.ts';
import { type PackingSetting, PROVEN_BYTES, provePacking } from '../../packing-proof.ts';
import type { ByteSource, Context, DeflatedPair, Explanation } from '../../types.ts';

/** Levels by how common they are, with the extra flags that gzip(1) writes for them. */
const LEVELS: readonly (readonly [level: number, extraFlags: number])[] = [
  [9, 2],
  [6, 0],
  [1, 4],
  [8, 0],
  [7, 0],
  [5, 0],
  [4, 0],
  [3, 0],
  [2, 0],
];

/** Header and trailer of what gzip -n writes. */
const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;

/** True where the deflated bytes of both sides are equal. */
export function packedAlike(left: DeflatedPair['left'], right: DeflatedPair['right']): Promise<boolean> {
  return identical(bodyOf(left), bodyOf(right));
}

/** Says which of gzip's and zlib's levels give the deflated bytes of either side. */
export async function* explainDeflated(task: DeflatedPair, context: Context): AsyncIterable<Explanation> {
  if (task.contentBytes > PROVEN_BYTES) return;
  const [left, right] = [bodyOf(task.left), bodyOf(task.right)];
  if (context.budget.exhausted || (await identical(left, right))) return;
  // Of levels that give the same bytes, the one that gives the same header is meant.
  const meant = [task.left.extraFlags, task.right.extraFlags];
  const isMeant = (flags: number): number => (meant.includes(flags) ? 0 : 1);
  const levels = LEVELS.toSorted(([, one], [, other]) => isMeant(one) - isMeant(other));
  const settings = [
    ...levels.map(([level]) => gzipSetting([`-${level}`], context)),
    ...[9, 6, 1].map(zlibSetting),
    gzipSetting(['-9', '--rsyncable'], context),
    gzipSetting(['-6', '--rsyncable'], context),
  ];
  yield* provePacking({ content: task.content, left, right, settings }, context);
}

function bodyOf({ source, offset, size }: DeflatedPair['left']): ByteSource {
  return rangeSource(source, { name: source.name, offset, size });
}

function gzipSetting(options: readonly string[], { budget }: Context): PackingSetting {
  return {
    text: ['gzip', ...options].join(' '),
    program: true,
    pack: (input) =>
      withoutEnds(streamWithin(budget, ['gzip', '-n', '-c', ...options], { outputBytes: 2 * PROVEN_BYTES, input })),
  };
}

/** zlib as it comes with Node, which gives other bytes than zlib itself: that mostly gives those of gzip(1). */
function zlibSetting(level: number): PackingSetting {
  return { text: `Node's zlib at level ${level}`, program: false, pack: (content) => deflate(content, level) };
}

async function* deflate(content: AsyncIterable<Uint8Array>, level: number): AsyncGenerator<Uint8Array> {
  const input = Readable.from(content, { objectMode: false });
  const packed = createDeflateRaw({ level });
  input.on('error', (error) => packed.destroy(error));
  try {
    for await (const chunk of input.pipe(packed)) yield chunk as Buffer;
  } finally {
    input.destroy();
    packed.destroy();
  }
}

/** A gzip file's deflated bytes: what stands between its fixed header and its trailer. */
async function* withoutEnds(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = Buffer.alloc(0);
  let header = HEADER_BYTES;
  for await (const piece of file) {
    const cut = Math.min(header, piece.length);
    header -= cut;
    held = Buffer.concat([held, piece.subarray(cut)]);
    const given = held.length - TRAILER_BYTES;
    if (given <= 0) continue;
    yield held.subarray(0, given);
    held = held.subarray(given);
  }
}
