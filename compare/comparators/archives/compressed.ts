import { streamProgram } from '../../../programs/index.ts';
import { dropBytes } from '../../byte-source.ts';
import type { ByteSource, Context, Head, WrapperComparator } from '../../types.ts';

export const xz = program('xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], ['xz', '-dc']);
export const bzip2 = program('bzip2', [0x42, 0x5a, 0x68], ['bzip2', '-dc']);
/** By zstd(1): Node's own decoder drops concatenated frames in silence (nodejs/node#64741). */
export const zstd = program('zstd', [0x28, 0xb5, 0x2f, 0xfd], ['zstd', '-dcq', '--long=31']);

function program(id: string, magic: readonly number[], argv: readonly [string, ...string[]]): WrapperComparator {
  return {
    kind: 'wrapper',
    id,
    recognizes: (head) => startsWith(head, magic),
    unwrap: (source, context) => unwrapped(source, () => run(argv, source, context)),
    header: async () => ({}),
  };
}

/** A stream that can only be unpacked from its start. */
function unwrapped(source: ByteSource, open: () => AsyncIterable<Uint8Array>): ByteSource {
  return {
    name: source.name,
    size: undefined,
    open: (start = 0) => (start === 0 ? open() : dropBytes(open(), start)),
  };
}

function run(argv: readonly [string, ...string[]], source: ByteSource, { budget }: Context): AsyncIterable<Uint8Array> {
  return streamProgram(argv, {
    limits: { wallSeconds: budget.limits.programSeconds, outputBytes: budget.limits.bytes },
    input: source.open(),
    ...(budget.signal === undefined ? {} : { signal: budget.signal }),
  });
}

function startsWith(head: Head, magic: readonly number[]): boolean {
  return magic.every((byte, index) => head[index] === byte);
}
