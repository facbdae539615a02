import type { Sha256 } from './digest.ts';

/** One side of a difference node. Absent sides are undefined at the node. */
export type DifferenceSide = { readonly size?: number; readonly sha256?: Sha256; readonly text?: string };

/**
 * A node of the difference tree. `left` is published, `right` is rebuilt. `path` is for people: member names are
 * escaped, never used as a path. A node without `children` and `detail` says only that the bytes differ.
 */
export type Difference = {
  readonly path: string;
  /** What kind of thing it is: deb, ar-member, tar-member, elf, elf-section, bytes, ... */
  readonly kind: string;
  readonly left?: DifferenceSide;
  readonly right?: DifferenceSide;
  readonly detail?: string;
  readonly notes: readonly string[];
  readonly children: readonly Difference[];
  /** True when a limit ended the explanation early; the note says which. */
  readonly truncated: boolean;
};
