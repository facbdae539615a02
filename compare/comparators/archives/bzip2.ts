import { bothOf } from '../../identity.ts';
import { provePacking } from '../../packing-proof.ts';
import type { ByteSource, Context, Explanation, MemberHeader, WrapperComparator } from '../../types.ts';
import { programSetting, unpackedBy } from './program-stream.ts';

/** A stream's first bytes: its block size in 100 kB, then pi for a block or the square root of pi for none. */
const STREAM = /BZh([1-9])(?:1AY&SY|\x17rE8P\x90)/g;
const STREAM_BYTES = 10;

/** bzip2, by bzip2(1): concatenated streams are read as one. */
export const bzip2: WrapperComparator = {
  kind: 'wrapper',
  id: 'bzip2',
  recognizes: (head) => {
    const start = Buffer.from(head.subarray(0, STREAM_BYTES)).toString('latin1');
    return start.search(STREAM) === 0;
  },
  unwrap: unpacked,
  header,
  explainPacking,
};

function unpacked(source: ByteSource, context: Context): ByteSource {
  return unpackedBy(['bzip2', '-dc'], source, context);
}

/** Block sizes by how many streams have them. Streams begin at bytes, and 80 bits say that one does. */
async function header(source: ByteSource): Promise<MemberHeader> {
  const streams = new Map<string, number>();
  let carried = '';
  for await (const piece of source.open()) {
    const text = carried + Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1');
    for (const [, size = ''] of text.matchAll(STREAM)) streams.set(size, (streams.get(size) ?? 0) + 1);
    carried = text.slice(-(STREAM_BYTES - 1));
  }
  const sizes = [...streams.keys()].sort();
  const count = [...streams.values()].reduce((sum, each) => sum + each, 0);
  return {
    'block size': sizes.map((size) => `${size}00 kB`).join(', '),
    ...(count === 1 ? {} : { streams: String(count) }),
  };
}

async function* explainPacking(left: ByteSource, right: ByteSource, context: Context): AsyncIterable<Explanation> {
  const headers = await bothOf(header(left), header(right));
  if (headers.some(({ streams }) => streams !== undefined)) return;
  const levels = [...new Set(headers.map((said) => said['block size']?.charAt(0) ?? '9'))].sort();
  const settings = levels.map((level) => programSetting(['bzip2', `-${level}`], ['-c'], context));
  yield* provePacking({ content: unpacked(left, context), left, right, settings }, context);
}
