import type { WrapperComparator } from '../../types.ts';
import { unpackedBy } from './program-stream.ts';

const XZ_MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0];

/** xz files, by xz(1). */
export const xz: WrapperComparator = {
  kind: 'wrapper',
  id: 'xz',
  recognizes: (head) => XZ_MAGIC.every((byte, index) => head[index] === byte),
  unwrap: (source, context) => unpackedBy(['xz', '-dc'], source, context),
  header: async () => ({}),
};
