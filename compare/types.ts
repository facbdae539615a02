import type { ByteReader } from '../formats/index.ts';
import type { Difference, DifferenceSide, FieldChange, Picture, Reason } from '../model/index.ts';
import type { Budget } from './budget.ts';
import type { ByteSource, RandomReader } from './byte-source.ts';
import type { Helpers } from './helpers/helper-runner.ts';
import type { LeftOut } from './left-out.ts';
import type { Progress } from './progress.ts';

export type { ByteSource } from './byte-source.ts';

/** The beginning of a source: at most HEAD_BYTES, enough for the magic number of an ISO 9660 image (at 32769). */
export type Head = Uint8Array;
export const HEAD_BYTES = 33 * 1024;

/** What a comparator works with: what is left of the limits, and the outside programs. */
export type Context = {
  readonly budget: Budget;
  readonly helpers: Helpers;
  /** What is left out on purpose; absent where nothing is. */
  readonly leftOut?: LeftOut;
  readonly progress?: Progress;
  /** The content of a source that is unwrapped together with others, as UnwrappedInTurn has it; absent where none are. */
  readonly unwrapped?: UnwrappedInTurn['content'];
  /** Asks another program of two files that `kind` explained; absent where none is asked. */
  readonly ask?: (kind: string, pair: Asked, context: Context) => Promise<Said | undefined>;
};

type Asked = { readonly left: ByteSource; readonly right: ByteSource; readonly depth: number };
type Said = Pick<Difference, 'children' | 'notes' | 'truncated'>;

/** Facts of a member beside its content, such as mode or mtime, in words for display. Values come escaped. */
export type MemberHeader = Readonly<Record<string, string>>;

/**
 * One member of a container. `name` is its bytes as latin1: for pairing and display, never a path. `pairAs` is what
 * members are paired by: the name, or for data.tar.xz its stem.
 */
export type Member = {
  readonly name: string;
  readonly pairAs: string;
  readonly header: MemberHeader;
  /**
   * Read before the next member is asked for, or not at all. Its digest is the member's identity: the content itself,
   * or with `encoded` what stands for it in the container (deflated bytes), where equal means equal content and
   * different means nothing.
   */
  readonly content: AsyncIterable<Uint8Array>;
  readonly encoded?: boolean;
  /** With `encoded`: the content itself, from all that `content` gives. For reading many members in one pass. */
  unpack?(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Where its deflated bytes stand in the container, for finding out what made them. */
  readonly deflated?: Deflated;
  /** The content reached without listing the container again; where absent, its container is read up to it. */
  readonly source?: ByteSource;
  /** Where the content stands in the container's own bytes, when it stands there in one piece as it is. */
  readonly offset?: number;
  /** Bytes of that, where its header says so. */
  readonly size?: number;
};

/** Deflated bytes, and what is said of how they were made, as RFC 1952 codes it: XFL. */
export type Deflated = { readonly offset: number; readonly size: number; readonly extraFlags: number };

/** Two members of equal content that were deflated otherwise. */
export type DeflatedPair = {
  readonly content: ByteSource;
  readonly contentBytes: number;
  readonly left: Deflated & { readonly source: ByteSource };
  readonly right: Deflated & { readonly source: ByteSource };
};

/**
 * A fact of the container itself: its comment, what follows its end, its variant. Compared by name. Kept apart from
 * members by having no `content`.
 */
export type ContainerFact = {
  readonly fact: string;
  readonly value: string;
  readonly reason?: FactReason;
  /** What is to be known of the container whether the fact differs or not; escaped. */
  readonly note?: string;
};

/** What it says where a fact differs. */
export type FactReason = Pick<Reason, 'kind' | 'evidence'>;

/**
 * Reads members one by one; what their contents give is overwritten by what is read next. Two cursors of equal `position`
 * and `state` give the same for the same bytes from there on.
 */
export interface MemberCursor {
  /** Where in the source what was not given yet begins. */
  readonly position: number;
  readonly state: string;
  /** What the last member's content is read with, in pieces or not at all. */
  readonly reader: ByteReader;
  next(): Promise<Member | ContainerFact | undefined>;
  /** Goes on where `other` stands, which read the same bytes up to there; of a last member the content may differ. */
  follow(other: this): void;
  /** Passes over some of the members that end by `end` as `bytes` has them; false where it passes over none. */
  pass?(bytes: RandomReader, end: number): boolean;
}

/** What a format tells of its members that other formats tell as well, in words that are the same for all of them. */
export type CommonHeaders = {
  readonly fields: readonly CommonField[];
  header(member: Member): Readonly<Partial<Record<CommonField, string>>>;
};
export type CommonField = 'type' | 'mode' | 'uid' | 'gid' | 'mtime' | 'linkname';

/** A format that holds named members. It lists; only the walk recurses. Throws ARCHIVE_* for what it cannot read. */
export interface ContainerComparator {
  readonly kind: 'container';
  readonly id: string;
  /** `name` is a hint, escaped: it may choose between formats that look alike, and decides nothing alone. */
  recognizes(head: Head, name: string): boolean;
  /** True where it needs `random` of its source: what has none is copied to a file for as long as it is walked. */
  readonly readsAnywhere?: boolean;
  /**
   * All members in order, to the end of the source, facts anywhere between. With `lent` what a content gives may be
   * overwritten once the next is asked for.
   */
  members(source: ByteSource, context: Context, chunks?: 'lent'): AsyncIterable<Member | ContainerFact>;
  /** For comparing it with an archive of another format that has this, too. */
  readonly common?: CommonHeaders;
  /** For members of equal content: which settings give which side, where that can be told. */
  explainPacking?(pair: DeflatedPair, context: Context): AsyncIterable<Explanation>;
  /** The same step by step, for formats that hold their members in one run: of two sides what is equal is left out. */
  cursor?(source: ByteSource): MemberCursor;
}

/** A source of which all is in memory. */
export type SourceInMemory = ByteSource & { readonly memory: Uint8Array };

/** Many packed sources that are unwrapped one after the other; to be closed. */
export interface UnwrappedInTurn {
  /**
   * The content, in memory, good until the next is asked for; asked for in the order the sources were given, of which any
   * may be left out. Undefined where the source has to be unwrapped alone, such as to see what is wrong with it.
   */
  content(source: ByteSource): Promise<ByteSource | undefined>;
  close(): Promise<void>;
}

/** A format that wraps one stream: a compressed file. Throws ARCHIVE_*, PROGRAM_* for what it cannot read. */
export interface WrapperComparator {
  readonly kind: 'wrapper';
  readonly id: string;
  recognizes(head: Head, name: string): boolean;
  /** The content as a source that can be opened again, from any offset. */
  unwrap(source: ByteSource, context: Context): ByteSource | Promise<ByteSource>;
  /** For many sources that it recognizes, in the order they will be asked for; absent where nothing is won by it. */
  unwrapTogether?(sources: readonly SourceInMemory[], context: Context): Promise<UnwrappedInTurn>;
  /** Where what follows the stream begins, as in an initrd; undefined where it ends the file, or that is not known. */
  following?(source: ByteSource, context: Context): Promise<number | undefined>;
  /** What its own header, index and trailer say: compared by name. */
  header(source: ByteSource, context: Context): Promise<MemberHeader>;
  /** For equal contents packed otherwise: which settings give which side, where that can be told. */
  explainPacking?(left: ByteSource, right: ByteSource, context: Context): AsyncIterable<Explanation>;
}

/**
 * What a leaf found. Texts read the same with the sides swapped: what belongs to one side goes into `left` and `right`.
 * Everything is escaped by whoever shows it but `detail`, `note`, `fields` and `reason`, which come escaped.
 */
export type Explanation =
  /** One sentence on what differs, and a short sample of either side. */
  | { readonly kind: 'detail'; readonly text: string; readonly left?: string; readonly right?: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'reason'; readonly reason: Reason }
  /** Named values that differ: equal ones are left out by the walk. */
  | { readonly kind: 'fields'; readonly fields: readonly FieldChange[] }
  /**
   * Lines of both sides, to be compared: under `title` as a node of its own, without one at this node. Equal lines give
   * nothing. Raw text, without newlines; `unended` says which last line has none in the file either, neither if absent.
   * Of lines with a title that the file holds as such (`held`), what they show of the cause is told, too.
   */
  | {
      readonly kind: 'lines';
      readonly title?: string;
      readonly held?: true;
      readonly left: readonly string[];
      readonly right: readonly string[];
      readonly unended?: { readonly left: boolean; readonly right: boolean };
    }
  /** What is told is not all there is; a note says why. */
  | { readonly kind: 'truncated' }
  /** Something inside that is to be compared by whatever recognizes it; on one side only where the other is absent. */
  | { readonly kind: 'part'; readonly name: string; readonly left?: ByteSource; readonly right?: ByteSource }
  /** A picture of the difference, left out where the report has no room for it. */
  | { readonly kind: 'picture'; readonly picture: Picture }
  | { readonly kind: 'child'; readonly difference: Difference }
  /** It is not its format after all, or too large: the next comparator is asked, and `why` becomes a note. */
  | { readonly kind: 'declined'; readonly why?: string };

/** A format without members. It explains two sources known to differ, and decides nothing. Throws ELF_* and the like. */
export interface LeafComparator {
  readonly kind: 'leaf';
  readonly id: string;
  recognizes(head: Head, name: string): boolean;
  explain(left: ByteSource, right: ByteSource, context: Context): AsyncIterable<Explanation>;
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
