import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { equalRanges, type Range } from './equal-ranges.ts';
import { bothOf } from './identity.ts';
import { type Archive, DIGESTED_BYTES, type KnownContent, MemberLister } from './member-lister.ts';
import { firstAfter, unknownParts } from './same-stretch.ts';
import type { ContainerFact, Member, MemberCursor } from './types.ts';

/**
 * Lists two archives of one format without the members that stand in equal ranges at the same place, each of which one
 * side reads alone: where both stand at one place in one state, equal bytes give equal members. Contents in equal
 * ranges are passed over, and nothing is read where all the rest is equal. `known` gives what equalRanges does, where that
 * is found out elsewhere. Undefined where no range is known equal.
 */
export async function listTogether(
  left: Archive,
  right: Archive,
  known?: () => Promise<readonly Range[] | undefined>,
): Promise<[MemberLister, MemberLister] | undefined> {
  const { cursor } = left.comparator;
  if (cursor === undefined || left.comparator !== right.comparator) return undefined;
  const equal = (await known?.()) ?? (await equalRanges(left.source, right.source));
  if (equal.length === 0) return undefined;
  const [old, now] = [cursor(left.source), cursor(right.source)];
  const listings: [MemberLister, MemberLister] = [new MemberLister(left, true), new MemberLister(right, true)];
  const bytes = left.source.random?.();
  try {
    for (;;) {
      const at = old.position;
      if (at !== now.position || old.state !== now.state) {
        const stepOf = (side: number): Promise<boolean> =>
          step([old, now][side] as MemberCursor, listings[side] as MemberLister);
        const behind = at <= now.position ? 0 : 1;
        const goes = at === now.position ? await alsoOf(stepOf(0), () => stepOf(1)) : await stepOf(behind);
        if (goes) continue;
        while (await stepOf(1 - behind));
        return listings;
      }
      const end = endOf(equal, at);
      if (end > at && end === left.source.size && end === right.source.size) return listings;
      if (end > at && bytes !== undefined && old.pass?.(bytes, end)) {
        now.follow(old);
        await setImmediate();
        continue;
      }
      const wholeBytes = left.source.seekable === true && right.source.seekable === true ? DIGESTED_BYTES : 0;
      if (!(await stepTogether({ old, now, equal, end, wholeBytes }, listings))) return listings;
    }
  } finally {
    bytes?.close();
    await bothOf(old.reader.close(), now.reader.close());
  }
}

/** What the one gives; where it fails, the other is read too, so that the same failure is told whichever came first. */
async function alsoOf<Result>(one: Promise<Result>, other: () => Promise<Result>): Promise<Result> {
  try {
    return await one;
  } catch (error) {
    await bothOf(Promise.reject(error), other());
    throw error;
  }
}

async function step(cursor: MemberCursor, listing: MemberLister): Promise<boolean> {
  const item = await cursor.next();
  if (item !== undefined) await listing.add(item);
  return item !== undefined;
}

type Together = {
  readonly old: MemberCursor;
  readonly now: MemberCursor;
  readonly equal: readonly Range[];
  /** Of the equal range that both stand in. */
  readonly end: number;
  /** Contents of up to as many bytes are read whole: nothing that is packed, of which equal blocks would be unpacked. */
  readonly wholeBytes: number;
};

/** One item of both sides, which stand at one place in one state; false at the end of either. */
async function stepTogether(
  { old, now, equal, end, wholeBytes }: Together,
  [one, other]: [MemberLister, MemberLister],
): Promise<boolean> {
  const item = await alsoOf(old.next(), () => now.next());
  // A fact may hang on where its side ends: only members say all by themselves.
  if (item !== undefined && !('fact' in item) && old.position <= end) {
    now.follow(old);
    // What stands up to there, such as padding, is equal as well: neither side tells it.
    old.follow(old);
    return true;
  }
  const same =
    item !== undefined && 'offset' in item && item.size !== undefined && (item.offset ?? Infinity) <= end
      ? alike(item, { old, now })
      : await now.next();
  if (item === undefined || same === undefined) {
    if (item !== undefined) await one.add(item);
    if (same !== undefined) await other.add(same);
    while (item !== undefined && (await step(old, one)));
    while (same !== undefined && (await step(now, other)));
    return false;
  }
  const places = 'fact' in item || 'fact' in same ? undefined : differingPlaces(item, same, { equal, wholeBytes });
  const [left, right] = await bothOf(partOf(old, item, places), partOf(now, same, places));
  if (left === undefined || right === undefined) await bothOf(one.add(item), other.add(same));
  else await bothOf(one.add(item, left), other.add(same, right));
  return true;
}

/** The member that both stand at the header of, which is equal: the other side need not read that again. */
function alike(item: Member, { old, now }: Pick<Together, 'old' | 'now'>): Member {
  now.follow(old);
  const { offset = 0, size = 0 } = item;
  const content = async function* (): AsyncGenerator<Uint8Array> {
    await now.reader.skip(offset - now.reader.position);
    yield* now.reader.stream(size);
  };
  return { ...item, content: content() };
}

/** The parts of two long contents at one place that may differ; undefined where all of it is read. */
function differingPlaces(
  item: Member,
  same: Member,
  { equal, wholeBytes }: Pick<Together, 'equal' | 'wholeBytes'>,
): readonly Range[] | undefined {
  const { offset, size } = item;
  if (offset === undefined || size === undefined || same.offset !== offset || same.size !== size) return undefined;
  if (item.pairAs !== same.pairAs || size <= wholeBytes) return undefined;
  const parts = unknownParts(equal, offset, offset + size);
  const known = size - parts.reduce((sum, { start, end }) => sum + end - start, 0);
  return known === 0 ? undefined : parts;
}

/** The digest of these parts, with what else makes the whole: its size and where they stand. */
async function partOf(
  cursor: MemberCursor,
  item: Member | ContainerFact,
  places: readonly Range[] | undefined,
): Promise<KnownContent | undefined> {
  if (places === undefined || 'fact' in item) return undefined;
  const hash = createHash('sha256');
  for (const { start, end } of places) {
    hash.update(`${start}-${end}:`);
    await cursor.reader.skip(start - cursor.reader.position);
    for await (const piece of cursor.reader.stream(end - start)) hash.update(piece);
  }
  return { by: 'at its place', identity: `parts ${hash.digest('hex')}`, size: item.size ?? 0 };
}

/** The end of the range that holds `at`; `at` itself where none does. */
function endOf(ranges: readonly Range[], at: number): number {
  const range = ranges[firstAfter(ranges, at)];
  return range !== undefined && range.start <= at ? range.end : at;
}
