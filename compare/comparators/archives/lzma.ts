import { lzipHeader, lzmaHeader } from '../../../formats/index.ts';
import { headOf } from '../../identity.ts';
import type { ByteSource, MemberHeader, WrapperComparator } from '../../types.ts';
import { unpackedBy } from './program-stream.ts';

const USUAL_PROPERTIES = 0x5d;

/** The format before xz, by xz(1). It has no magic number: with unusual settings the name must say so too. */
export const lzma: WrapperComparator = {
  kind: 'wrapper',
  id: 'lzma',
  recognizes: (head, name) =>
    (head[0] === USUAL_PROPERTIES || /\.(?:lzma|tlz)$/.test(name)) && lzmaHeader(head) !== undefined,
  unwrap: (source, context) => unpackedBy(['xz', '--format=lzma', '-dc'], source, context),
  header: async (source) => {
    const said = lzmaHeader(await headOf(source));
    if (said === undefined) return {};
    return {
      properties: `lc ${said.lc}, lp ${said.lp}, pb ${said.pb}`,
      dictionary: `${said.dictionary} bytes`,
      'content size': said.contentSize === undefined ? 'not said' : String(said.contentSize),
    };
  },
};

/** lzip, by lzip(1): concatenated members are read as one stream, and nothing else may follow them. */
export const lzip: WrapperComparator = {
  kind: 'wrapper',
  id: 'lzip',
  recognizes: (head) => lzipHeader(head) !== undefined,
  unwrap: (source, context) => unpackedBy(['lzip', '-dc', '--trailing-error'], source, context),
  header: lzipFacts,
};

const HEADER_BYTES = 6;
const TRAILER_BYTES = 20;

/** The first member's header, and of the last one's trailer how much of the file is not in it. */
async function lzipFacts(source: ByteSource): Promise<MemberHeader> {
  let tail = Buffer.alloc(0);
  let size = 0;
  for await (const piece of source.open()) {
    size += piece.length;
    tail = Buffer.concat([tail, piece.subarray(-TRAILER_BYTES)]).subarray(-TRAILER_BYTES);
  }
  const said = lzipHeader(await headOf(source));
  if (said === undefined || tail.length < TRAILER_BYTES) return {};
  const header = { version: String(said.version), dictionary: `${said.dictionary} bytes` };
  const stated = tail.readBigUInt64LE(12);
  const before = BigInt(size) - stated;
  // What is cut short, or followed by something else, does not end with a trailer.
  if (stated < HEADER_BYTES + TRAILER_BYTES || before < 0n) return { ...header, 'trailer at the end': 'none' };
  return {
    ...header,
    ...(before === 0n ? {} : { 'bytes outside the last member': String(before) }),
  };
}
