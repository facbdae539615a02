import { bothOf } from './identity.ts';
import type { KeptContent } from './kept-content.ts';
import { type Archive, MemberLister } from './member-lister.ts';
import type { MemberCursor } from './types.ts';

/** An archive whose content is kept while it is listed. */
export type KeepingArchive = { readonly archive: Archive; readonly kept: KeptContent };

/**
 * Lists two archives of one format, member by member as long as they are alike. From the first that is another on the
 * content of both is kept, since it will be looked at; where only headers differ it is not. Where that is depends on
 * nothing but the bytes. Undefined where their comparators cannot go step by step.
 */
export async function listAbreast(
  left: KeepingArchive,
  right: KeepingArchive,
): Promise<[MemberLister, MemberLister] | undefined> {
  const { cursor } = left.archive.comparator;
  if (cursor === undefined || left.archive.comparator !== right.archive.comparator) return undefined;
  const abreast = new Abreast();
  return bothOf(listSide(left, 'left', abreast), listSide(right, 'right', abreast));
}

async function listSide(
  { archive, kept }: KeepingArchive,
  side: 'left' | 'right',
  abreast: Abreast,
): Promise<MemberLister> {
  const listing = new MemberLister(archive);
  const cursor = archive.comparator.cursor?.(kept.reading) as MemberCursor;
  try {
    for (;;) {
      const item = await cursor.next();
      if (item === undefined) return listing;
      const said = await listing.add(item);
      if (await abreast.isAlike(side, said)) continue;
      kept.keep(cursor.reader.position);
      break;
    }
    for (let item = await cursor.next(); item !== undefined; item = await cursor.next()) await listing.add(item);
    return listing;
  } finally {
    abreast.end(side);
    await cursor.reader.close();
  }
}

type Turn = { readonly said: string; readonly go: (alike: boolean) => void };

/** Where two sides wait for each other. */
class Abreast {
  readonly #waiting: { left?: Turn; right?: Turn } = {};
  readonly #ended = { left: false, right: false };

  /** Waits until the other side has said as much; whether it said the same. */
  isAlike(side: 'left' | 'right', said: string): Promise<boolean> {
    const otherSide = side === 'left' ? 'right' : 'left';
    const other = this.#waiting[otherSide];
    if (other === undefined)
      return this.#ended[otherSide]
        ? Promise.resolve(false)
        : new Promise((go) => {
            this.#waiting[side] = { said, go };
          });
    delete this.#waiting[otherSide];
    other.go(other.said === said);
    return Promise.resolve(other.said === said);
  }

  /** Of a side that says no more. */
  end(side: 'left' | 'right'): void {
    const otherSide = side === 'left' ? 'right' : 'left';
    this.#ended[side] = true;
    this.#waiting[otherSide]?.go(false);
  }
}
