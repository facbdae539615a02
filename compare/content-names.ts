import type { Difference } from '../model/index.ts';
import type { ByteSource } from './byte-source.ts';

type Named = { readonly path: string; readonly left: ByteSource; readonly right: ByteSource };

/** Where the contents are called by their files, and the files otherwise on either side, both names are given. */
export function withNames(node: Difference, { path, left, right }: Named): Difference {
  if (left.name === right.name || (path !== left.name && path !== right.name)) return node;
  return { ...node, left: { ...node.left, name: left.name }, right: { ...node.right, name: right.name } };
}

/** What the content of a compressed file is called. */
export function contentName(name: string): string {
  const stem = name.replace(/\.(gz|xz|zst|bz2|lz4|lzma|lz)$/, '').replace(/\.tgz$/, '.tar');
  return stem === name ? `${name} (unpacked)` : stem;
}
