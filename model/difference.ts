import type { Sha256 } from './digest.ts';

/**
 * One side of a difference node. Absent sides are undefined at the node. `name` is there where the two sides have
 * different names; `text` is a short sample for people, escaped.
 */
export type DifferenceSide = {
  readonly name?: string;
  readonly size?: number;
  readonly sha256?: Sha256;
  readonly text?: string;
};

/** A named value that differs, such as a mode or a header field. An absent side has none of it. Escaped. */
export type FieldChange = { readonly name: string; readonly left?: string; readonly right?: string };

/** A picture that shows a difference to people, the same with the sides swapped. `alt` says in words what is to be seen. */
export type Picture = { readonly mediaType: 'image/png'; readonly base64: string; readonly alt: string };

/** What kind of difference a node holds: a closed list, described in docs/differences.md. */
export const REASON_KINDS = [
  'timestamp',
  'order',
  'path',
  'mode',
  'owner',
  'compression',
  'packing',
  'padding',
  'version-text',
  'build-id',
  'addresses',
  'signature',
  'random',
  'line-endings',
  'whitespace',
  'encoding',
  'renamed',
  'metadata',
  'checksum',
  'missing-or-extra',
  'layout',
  'debug-info',
  'code',
  'data',
  'text',
] as const;
export type ReasonKind = (typeof REASON_KINDS)[number];

/**
 * Why a node differs, as far as its bytes show. `evidence` reads the same with the sides swapped; what belongs to one
 * side is in `left` and `right`. An explanation, never a verdict.
 */
export type Reason = {
  readonly kind: ReasonKind;
  readonly evidence: string;
  readonly left?: string;
  readonly right?: string;
};

/**
 * A node of the difference tree. `left` is published, `right` is rebuilt. `path` is for people: the left side's name,
 * or the right side's where there is no left; member names are escaped, never used as a path. Everything but `left`,
 * `right`, `fields`, `diff` and the sides of `reasons` reads the same with the sides swapped. A node without
 * `children`, `diff`, `fields` and `detail` says only that the bytes differ.
 */
export type Difference = {
  readonly path: string;
  /** What kind of thing it is: deb, ar-member, tar-member, elf, elf-section, view, bytes, ... */
  readonly kind: string;
  readonly left?: DifferenceSide;
  readonly right?: DifferenceSide;
  readonly detail?: string;
  readonly fields?: readonly FieldChange[];
  /**
   * Lines that differ, as hunks of diff -u without the two file lines: `@@ -a,b +c,d @@`, then lines that begin with a
   * blank, `-` or `+`, each ended by a newline. Escaped.
   */
  readonly diff?: string;
  /** Where two pictures differ. */
  readonly picture?: Picture;
  readonly reasons?: readonly Reason[];
  readonly notes: readonly string[];
  readonly children: readonly Difference[];
  /** True when a limit ended the explanation early; the note says which. */
  readonly truncated: boolean;
};
