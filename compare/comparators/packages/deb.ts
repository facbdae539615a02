import type { ContainerComparator } from '../../types.ts';
import { arMembers } from '../archives/ar.ts';

const DEB_MAGIC = '!<arch>\ndebian-binary';
const COMPRESSION = /\.(gz|xz|zst|bz2|lzma)$/;

/** Debian packages, deb(5): control.tar.* and data.tar.* are paired whatever their compression. */
export const deb: ContainerComparator = {
  kind: 'container',
  id: 'deb',
  recognizes: (head) => Buffer.from(head.subarray(0, DEB_MAGIC.length)).toString('latin1') === DEB_MAGIC,
  members: (source, context, chunks) =>
    arMembers(source, context, { chunks, pairAs: (name) => name.replace(COMPRESSION, '') }),
};
