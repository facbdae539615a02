import type { Difference, DifferenceSide } from '../model/index.ts';
import type { Budget } from './budget.ts';
import type { ByteSource } from './byte-source.ts';

export type { ByteSource } from './byte-source.ts';

/** The beginning of a source: at most HEAD_BYTES. What a comparator recognizes a format by; names decide nothing. */
export type Head = Uint8Array;
export const HEAD_BYTES = 4096;

/** Facts of a member beside its content, such as mode or mtime, in words for display. Values come escaped. */
export type MemberHeader = Readonly<Record<string, string>>;

/**
 * One member of a container. `name` is its bytes as latin1: for pairing and display, never a path. `pairAs` is what
 * members are paired by: the name, or for data.tar.xz its stem. `content` is read before the next member is asked for,
 * or not at all.
 */
export type Member = {
  readonly name: string;
  readonly pairAs: string;
  readonly header: MemberHeader;
  readonly content: AsyncIterable<Uint8Array>;
};

/** A format that holds named members. It lists; only the walk recurses. Throws ARCHIVE_* for what it cannot read. */
export interface ContainerComparator {
  readonly kind: 'container';
  readonly id: string;
  recognizes(head: Head): boolean;
  /** All members in order, to the end of the source. */
  members(source: ByteSource, budget: Budget): AsyncIterable<Member>;
}

/** A format that wraps one stream: a compressed file. Throws ARCHIVE_*, PROGRAM_* for what it cannot read. */
export interface WrapperComparator {
  readonly kind: 'wrapper';
  readonly id: string;
  recognizes(head: Head): boolean;
  unwrap(source: ByteSource, budget: Budget): AsyncIterable<Uint8Array>;
  /** What its own header says, for when the content is equal. */
  header(head: Head): MemberHeader;
}

/** What a leaf found. `declined`: it is not its format after all, the next comparator is asked. */
export type Explanation =
  | { readonly kind: 'detail'; readonly text: string; readonly left?: string; readonly right?: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'child'; readonly difference: Difference }
  | { readonly kind: 'declined'; readonly why: string };

/** A format without members. It explains two sources known to differ, and decides nothing. Throws ELF_* and the like. */
export interface LeafComparator {
  readonly kind: 'leaf';
  readonly id: string;
  recognizes(head: Head): boolean;
  explain(left: ByteSource, right: ByteSource, budget: Budget): AsyncIterable<Explanation>;
}

export type Comparator = ContainerComparator | WrapperComparator | LeafComparator;

/** A node with nothing found yet. Its path must be escaped already. */
export function differenceNode(
  path: string,
  kind: string,
  sides: { readonly left?: DifferenceSide; readonly right?: DifferenceSide } = {},
): Difference {
  return { path, kind, ...sides, notes: [], children: [], truncated: false };
}
