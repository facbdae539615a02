import { createHash } from 'node:crypto';
import type { Sha256 } from '../model/index.ts';
import type { Budget } from './budget.ts';
import { type ByteSource, rangeSource } from './byte-source.ts';
import { escapeName } from './escape.ts';
import type {
  ContainerComparator,
  ContainerFact,
  Context,
  Deflated,
  FactReason,
  Member,
  MemberHeader,
} from './types.ts';

/** A container's source with the comparator that recognized it. */
export type Archive = {
  readonly comparator: ContainerComparator;
  readonly source: ByteSource;
  readonly context: Context;
  readonly memory: ListingMemory;
};

/** What the listed members of one archive take of the budget's `listedBytes`, until they are let go. */
export class ListingMemory {
  readonly #budget: Budget;
  #bytes = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** Throws ARCHIVE_LIMIT past the limit. */
  take(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.spend('listedBytes', bytes);
  }

  letGo(): void {
    this.#budget.giveBack('listedBytes', this.#bytes);
    this.#bytes = 0;
  }
}

/** A member by content. `key` is what it is paired by, unique in its container: the n-th of a name has n in it. */
export type ListedMember = {
  readonly key: string;
  /** Its place in the order of its container, from 0. */
  readonly index: number;
  /** Escaped. */
  readonly name: string;
  readonly header: MemberHeader;
  /** Bytes of content; undefined where only unpacking tells. */
  readonly size: number | undefined;
  /** Equal only for equal contents; with `encoded`, different ones may still hold the same. */
  readonly identity: string;
  readonly encoded: boolean;
  /** Of the content, where it was read. */
  readonly sha256: Sha256 | undefined;
  readonly source: ByteSource | undefined;
  /** Where the content stands in the container's own bytes, as it is. */
  readonly offset?: number;
  readonly deflated?: Deflated;
};

/** All members by key, in order, and the container's own facts. Memory grows with members, not bytes. */
export type Listing = {
  readonly members: ReadonlyMap<string, ListedMember>;
  readonly facts: MemberHeader;
  /** By fact, of those that say why they differ. */
  readonly factReasons?: Readonly<Record<string, FactReason>>;
  /** What is to be known of the container, escaped. */
  readonly notes?: readonly string[];
  /** True where members that are equal on both sides were left out, how many of them nobody knows. */
  readonly partial?: boolean;
};

/** So much is read for its digest even where it is known to differ: of more the sizes are told, and it is looked into. */
export const DIGESTED_BYTES = 16 * 2 ** 20;

/** What stands for a member's content that need not be read any more. */
export type KnownContent = {
  /** `sha256`: the digest of all of it. `at its place`: equal only for equal contents at the same place. */
  readonly by: 'sha256' | 'at its place';
  readonly identity: string;
  /** In bytes. */
  readonly size: number;
};

/** A listed one, of which there may be a million: what can be made when it is asked for is not held. */
class Listed implements ListedMember {
  readonly #container: ByteSource;
  readonly #source: ByteSource | undefined;
  readonly key: string;
  readonly index: number;
  readonly name: string;
  readonly header: MemberHeader;
  readonly size: number | undefined;
  readonly identity: string;
  readonly encoded: boolean;
  readonly offset?: number;
  readonly deflated?: Deflated;

  constructor(fields: Omit<ListedMember, 'sha256'>, container: ByteSource) {
    this.#container = container;
    this.#source = fields.source;
    this.key = fields.key;
    this.index = fields.index;
    this.name = fields.name;
    this.header = fields.header;
    this.size = fields.size;
    this.identity = fields.identity;
    this.encoded = fields.encoded;
    if (fields.offset !== undefined) this.offset = fields.offset;
    if (fields.deflated !== undefined) this.deflated = fields.deflated;
  }

  get sha256(): Sha256 | undefined {
    return this.encoded ? undefined : this.identity;
  }

  get source(): ByteSource | undefined {
    const { name, offset, size } = this;
    if (this.#source !== undefined || offset === undefined || size === undefined) return this.#source;
    return rangeSource(this.#container, { name, offset, size });
  }
}

/** As many headers are looked through for one that says the same. */
const KNOWN_HEADERS = 256;

/** A longer name counts as several members: what is listed is held in memory. */
const NAME_BYTES = 256;

/** Of one member and its key, and what pairing adds to that: measured. Each character of its name stands in both. */
const MEMBER_BYTES = 800;
const COPIES_OF_NAME = 3;
/** Of a header, and of each of its fields. */
const HEADER_BYTES = 128;
const FIELD_BYTES = 24;

/** Gathers the members of one side. */
export class MemberLister implements Listing {
  readonly members = new Map<string, ListedMember>();
  readonly facts: Record<string, string> = {};
  readonly factReasons: Record<string, FactReason> = {};
  readonly notes: string[] = [];
  readonly partial: boolean;
  readonly #archive: Archive;
  /** How many there were of a name, where that is more than one that is listed. */
  readonly #seen = new Map<string, number>();
  readonly #headers = new Map<string, MemberHeader>();

  constructor(archive: Archive, partial = false) {
    this.#archive = archive;
    this.partial = partial;
  }

  /**
   * Reads the content to its end, where it is not known. Gives what is the same of members of one name and content,
   * and of equal facts. Throws ARCHIVE_LIMIT past the limits of members and of memory.
   */
  async add(each: Member | ContainerFact, known?: KnownContent): Promise<string> {
    if ('fact' in each) {
      const before = this.facts[each.fact];
      this.facts[each.fact] = before === undefined ? each.value : `${before}; ${each.value}`;
      if (each.note !== undefined) this.notes.push(each.note);
      if (each.reason !== undefined) this.factReasons[each.fact] = each.reason;
      return `fact ${each.fact}: ${each.value}`;
    }
    const { memory, context } = this.#archive;
    const { budget, leftOut } = context;
    budget.spend('members', 1 + Math.floor(each.name.length / NAME_BYTES));
    memory.take(MEMBER_BYTES + COPIES_OF_NAME * each.name.length);
    const taken = leftOut?.takesMember(each.name) === true;
    const before = this.#seen.get(each.pairAs) ?? (this.members.has(`1/${each.pairAs}`) ? 1 : 0);
    if (taken || before > 0) this.#seen.set(each.pairAs, before + 1);
    if (taken) return 'left out';
    const { identity, size, by } = known ?? (await digestOf(each.content));
    const encoded = each.encoded === true || by === 'at its place';
    const key = `${before + 1}/${each.pairAs}`;
    const name = escapeName(each.name);
    const { offset, source } = each;
    const listed = {
      key,
      index: this.members.size,
      name,
      header: this.#known(leftOut?.keptHeader(each.header) ?? each.header),
      size: each.encoded === true ? source?.size : size,
      identity,
      encoded,
      source,
      ...(each.encoded === true || offset === undefined ? {} : { offset }),
      ...(each.deflated === undefined ? {} : { deflated: each.deflated }),
    };
    this.members.set(key, new Listed(listed, this.#archive.source));
    return `${identity} ${key}`;
  }

  /** Whether the content will be read: of what is left out on purpose it is not. */
  reads(each: Member | ContainerFact): each is Member {
    return !('fact' in each) && this.#archive.context.leftOut?.names(each.name) !== true;
  }

  /** One object for all that say the same: most members of an archive do. */
  #known(header: MemberHeader): MemberHeader {
    const text = JSON.stringify(header);
    const known = this.#headers.get(text);
    if (known !== undefined) return known;
    this.#archive.memory.take(HEADER_BYTES + text.length + FIELD_BYTES * Object.keys(header).length);
    if (this.#headers.size === KNOWN_HEADERS) this.#headers.clear();
    this.#headers.set(text, header);
    return header;
  }
}

async function digestOf(content: AsyncIterable<Uint8Array>): Promise<KnownContent> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of content) {
    hash.update(piece);
    size += piece.length;
  }
  return { by: 'sha256', identity: hash.digest('hex'), size };
}
