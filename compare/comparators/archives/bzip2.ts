import { BZIP2_HEAD_BYTES, BZIP2_STREAM } from '../../../formats/index.ts';
import { bothOf } from '../../identity.ts';
import { provePacking } from '../../packing-proof.ts';
import type { ByteSource, Context, Explanation, MemberHeader, WrapperComparator } from '../../types.ts';
import { packedEnd, packedOnly, TRAILING, trailingFields } from './packed-end.ts';
import { programSetting, unpackedBy } from './program-stream.ts';

const ID = 'bzip2';

/** bzip2, by bzip2(1): concatenated streams are read as one; what follows them is a fact. */
export const bzip2: WrapperComparator = {
  kind: 'wrapper',
  id: ID,
  recognizes: (head) => {
    const start = Buffer.from(head.subarray(0, BZIP2_HEAD_BYTES)).toString('latin1');
    return start.search(BZIP2_STREAM) === 0;
  },
  unwrap: unpacked,
  following: (source) => packedEnd(source, ID),
  header,
  explainPacking,
};

function unpacked(source: ByteSource, context: Context): ByteSource {
  return unpackedBy([ID, '-dc'], packedOnly(source, ID), context);
}

/** Block sizes by how many streams have them. Streams begin at bytes, and 80 bits say that one does. */
async function header(source: ByteSource): Promise<MemberHeader> {
  const streams = new Map<string, number>();
  let carried = '';
  for await (const piece of packedOnly(source, ID).open()) {
    const text = carried + Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1');
    for (const [, size = ''] of text.matchAll(BZIP2_STREAM)) streams.set(size, (streams.get(size) ?? 0) + 1);
    carried = text.slice(-(BZIP2_HEAD_BYTES - 1));
  }
  const sizes = [...streams.keys()].sort();
  const count = [...streams.values()].reduce((sum, each) => sum + each, 0);
  return {
    'block size': sizes.map((size) => `${size}00 kB`).join(', '),
    streams: String(count),
    ...(await trailingFields(source, ID)),
  };
}

async function* explainPacking(left: ByteSource, right: ByteSource, context: Context): AsyncIterable<Explanation> {
  const headers = await bothOf(header(left), header(right));
  if (headers.some((said) => said.streams !== '1' || said[TRAILING] !== undefined)) return;
  const levels = [...new Set(headers.map((said) => said['block size']?.charAt(0) ?? '9'))].sort();
  const settings = levels.map((level) => programSetting([ID, `-${level}`], ['-c'], context));
  yield* provePacking({ content: unpacked(left, context), left, right, settings }, context);
}
