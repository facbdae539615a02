import { ReproofError, type Sha256 } from '../model/index.ts';
import type { ByteSource } from './byte-source.ts';
import { bothOf, inStep } from './identity.ts';
import type { KeptContent } from './kept-content.ts';
import { type Archive, type KnownContent, MemberLister } from './member-lister.ts';
import { PairDigests } from './pair-digests.ts';
import type { ContainerFact, Member, MemberCursor } from './types.ts';

/** An archive whose content is kept while it is listed. */
export type KeepingArchive = { readonly archive: Archive; readonly kept: KeptContent };

/**
 * Lists two archives of one format, member by member as long as they are alike, with one digest of contents that are
 * equal. From the first that is another on the content of both is kept, since it will be looked at, and each side is
 * listed by itself; where only headers differ it is not. Where that is depends on nothing but the bytes. Undefined where
 * their comparators cannot go step by step.
 */
export async function listAbreast(
  left: KeepingArchive,
  right: KeepingArchive,
): Promise<[MemberLister, MemberLister] | undefined> {
  const { cursor } = left.archive.comparator;
  if (cursor === undefined || left.archive.comparator !== right.archive.comparator) return undefined;
  const [old, now] = [new Side(left, cursor), new Side(right, cursor)];
  try {
    while (await stepAbreast(old, now));
    await bothOf(old.rest(), now.rest());
    return [old.listing, now.listing];
  } finally {
    await bothOf(old.cursor.reader.close(), now.cursor.reader.close());
  }
}

class Side {
  readonly listing: MemberLister;
  readonly cursor: MemberCursor;
  readonly #kept: KeptContent;
  #next: Member | ContainerFact | undefined;
  #known: KnownContent | undefined;
  /** Of reading a content. */
  #failed: Promise<never> | undefined;

  constructor({ archive, kept }: KeepingArchive, cursor: (source: KeptContent['reading']) => MemberCursor) {
    this.listing = new MemberLister(archive);
    this.cursor = cursor(kept.reading);
    this.#kept = kept;
  }

  async next(): Promise<Member | ContainerFact | undefined> {
    this.#known = undefined;
    this.#next = await this.cursor.next();
    return this.#next;
  }

  /** Of the next one, whose content was read. */
  know({ size, sha256 }: { readonly size: number; readonly sha256: Sha256 }): void {
    this.#known = { by: 'sha256', identity: sha256, size };
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
    this.#kept.keep(this.cursor.reader.position);
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
  if (old.listing.reads(one) && now.listing.reads(other)) await digestBoth(old, now, [one, other]);
  const [said, also] = await orRest(old, now, (side) => side.add());
  if (said === also) return true;
  old.keep();
  now.keep();
  return false;
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
