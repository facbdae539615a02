import { ReproofError, type Sha256 } from '../model/index.ts';
import type { ByteSource } from './byte-source.ts';
import { bothOf, inStep } from './identity.ts';
import type { KeptContent } from './kept-content.ts';
import { type Archive, DIGESTED_BYTES, type KnownContent, MemberLister } from './member-lister.ts';
import { PairDigests } from './pair-digests.ts';
import type { ContainerFact, Member, MemberCursor } from './types.ts';

/** An archive, and where its content is kept while it is listed, where it is. */
export type SteppedArchive = { readonly archive: Archive; readonly kept?: KeptContent };

/**
 * Lists two archives of one format, member by member as long as they are alike, with one digest of contents that are
 * equal, and none of long ones that their sizes tell apart where they can be read again at no cost. From the first that
 * is another on the content of both is kept where it can be, since it will be looked at, and each side is listed by
 * itself; where only headers differ it is not. Where nothing need be kept, that is from the first of another name on.
 * Where that is depends on nothing but the bytes. Undefined where it cannot be gone through so.
 */
export async function listAbreast(
  left: SteppedArchive,
  right: SteppedArchive,
): Promise<[MemberLister, MemberLister] | undefined> {
  const { comparator } = left.archive;
  if (comparator !== right.archive.comparator) return undefined;
  // Of what is kept only a cursor tells where it stands.
  if (comparator.cursor === undefined && (left.kept ?? right.kept) !== undefined) return undefined;
  const [old, now] = [new Side(left), new Side(right)];
  try {
    while (await stepAbreast(old, now));
    await bothOf(old.rest(), now.rest());
    return [old.listing, now.listing];
  } finally {
    await bothOf(old.close(), now.close());
  }
}

type Steps = Pick<MemberCursor, 'next'> & {
  readonly reader?: MemberCursor['reader'];
  readonly close: () => Promise<void>;
};

/** The members of an archive one by one, by its format's cursor where it has one. */
function stepsOf({ archive, kept }: SteppedArchive): Steps {
  const { comparator, context } = archive;
  const source = kept?.reading ?? archive.source;
  const cursor = comparator.cursor?.(source);
  if (cursor !== undefined)
    return { next: () => cursor.next(), reader: cursor.reader, close: () => cursor.reader.close() };
  const members = comparator.members(source, context, 'lent')[Symbol.asyncIterator]();
  return {
    next: async () => {
      const { done, value } = await members.next();
      return done === true ? undefined : value;
    },
    close: async () => void (await members.return?.()),
  };
}

class Side {
  readonly listing: MemberLister;
  readonly #steps: Steps;
  readonly #kept: KeptContent | undefined;
  #next: Member | ContainerFact | undefined;
  #known: KnownContent | undefined;
  /** Of reading a content. */
  #failed: Promise<never> | undefined;

  constructor(stepped: SteppedArchive) {
    this.listing = new MemberLister(stepped.archive);
    this.#steps = stepsOf(stepped);
    this.#kept = stepped.kept;
  }

  get isKept(): boolean {
    return this.#kept !== undefined;
  }

  async next(): Promise<Member | ContainerFact | undefined> {
    this.#known = undefined;
    this.#next = await this.#steps.next();
    return this.#next;
  }

  /** Of the next one, whose content was read. */
  know({ size, sha256 }: { readonly size: number; readonly sha256: Sha256 }): void {
    this.#known = { by: 'sha256', identity: sha256, size };
  }

  /** Of the next one, that its content is another than what stands at this place on the other side, by its size. */
  knowSize(offset: number, size: number): void {
    this.#known = { by: 'at its place', identity: `${size} bytes at ${offset}`, size };
  }

  /** The content of the next one. */
  source({ name, content }: Member): ByteSource {
    const reading = this.#reading(content);
    return { name, size: undefined, open: () => reading };
  }

  async *#reading(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* content;
    } catch (failure) {
      this.#failed = Promise.reject(failure);
      this.#failed.catch(() => {});
      throw failure;
    }
  }

  /** Lists the next one; gives what is the same of those that are alike, and undefined at the end. */
  async add(): Promise<string | undefined> {
    const item = this.#next;
    this.#next = undefined;
    return item === undefined ? undefined : this.listing.add(item, this.#known);
  }

  keep(): void {
    const { reader } = this.#steps;
    if (reader !== undefined) this.#kept?.keep(reader.position);
  }

  close(): Promise<void> {
    return this.#steps.close();
  }

  /** What reading the content failed of, where it did; else all from here on is listed. */
  restOrFailure(): Promise<void> {
    return this.#failed ?? this.rest();
  }

  /** Lists all there is from here on. */
  async rest(): Promise<void> {
    for (let more = true; more; ) more = (await this.add()) !== undefined || (await this.next()) !== undefined;
  }
}

/** One item of both sides; false from where they are no longer alike. Where a side fails, the other is read to its end. */
async function stepAbreast(old: Side, now: Side): Promise<boolean> {
  const [one, other] = await orRest(old, now, (side) => side.next());
  if (one === undefined || other === undefined) return false;
  if (old.listing.reads(one) && now.listing.reads(other) && !tellApart(old, now, [one, other]))
    await digestBoth(old, now, [one, other]);
  const [said, also] = await orRest(old, now, (side) => side.add());
  if (said === also) return true;
  old.keep();
  now.keep();
  return !old.isKept && !now.isKept && !('fact' in one) && !('fact' in other) && one.pairAs === other.pairAs;
}

/** Whether two long contents of one name at one place are known to differ, by their sizes. */
function tellApart(old: Side, now: Side, [one, other]: readonly [Member, Member]): boolean {
  const { offset, size } = one;
  if (old.isKept || now.isKept || one.pairAs !== other.pairAs) return false;
  if (offset === undefined || offset !== other.offset || size === undefined || other.size === undefined) return false;
  if (size === other.size || Math.min(size, other.size) <= DIGESTED_BYTES) return false;
  old.knowSize(offset, size);
  now.knowSize(offset, other.size);
  return true;
}

/** The digests of both contents, read in step: as long as they are equal, one is that of both. */
async function digestBoth(old: Side, now: Side, contents: readonly [Member, Member]): Promise<void> {
  const digests = new PairDigests();
  const [left, right] = [old.source(contents[0]), now.source(contents[1])];
  try {
    for await (const step of inStep(left, right, { chunks: 'lent' }))
      digests.add(step.left, step.right, Buffer.compare(step.left, step.right) === 0);
  } catch (error) {
    await bothOf(...([old, now].map((side) => side.restOrFailure()) as [Promise<void>, Promise<void>]));
    throw error;
  }
  const ended = digests.ended();
  old.know(ended.left);
  now.know(ended.right);
}

/** What both give; where one fails, the other is read to its end, so that the same failure is told whichever is left. */
async function orRest<Result>(old: Side, now: Side, work: (side: Side) => Promise<Result>): Promise<[Result, Result]> {
  const [one, other] = await Promise.allSettled([work(old), work(now)]);
  if (one.status === 'fulfilled' && other.status === 'fulfilled') return [one.value, other.value];
  const rest = (side: Side, { status, reason }: { status: string; reason?: unknown }): Promise<void> =>
    status === 'rejected' ? Promise.reject(reason) : side.rest();
  await bothOf(rest(old, one), rest(now, other));
  throw new ReproofError('INTERNAL', 'listing two archives abreast: a failure came to nothing');
}
