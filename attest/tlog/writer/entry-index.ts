import { closeSync, fdatasyncSync, ftruncateSync, mkdirSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';

/**
 * Where entries are in a log, by their leaf hash: a file of pages, each of 256 slots of 16 bytes. A hash's first four
 * bytes choose the page; a slot holds eight more of it and the entry's index. It is made from the log's tiles and may be
 * deleted at any time. What it says is a hint: whoever asks compares the hash in the tile. A page that is full takes no
 * more, and such an entry can be appended twice; pages are half full at most on average.
 *
 * Page 0 says for which tree the file is: magic, the number of pages, the size up to which all entries are in, its root.
 */
export type EntryIndex = {
  /** Indexes of entries that may have this hash. */
  readonly candidates: (leaf: Uint8Array) => readonly number[];
  /** Once for each entry: ask `candidates` where it may be in already. */
  readonly insert: (leaf: Uint8Array, index: number) => void;
  /** Makes what was inserted durable, and says that it is all of this tree. */
  readonly cover: (size: number, rootHash: Uint8Array) => void;
  readonly covered: { readonly size: number; readonly rootHash: Uint8Array };
  /** How many entries fit. */
  readonly capacity: number;
  readonly close: () => void;
};

const MAGIC = Buffer.from('reproof entries\n');
const PAGE_BYTES = 4096;
const SLOT_BYTES = 16;
const TAG_BYTES = 8;
const SLOTS = PAGE_BYTES / SLOT_BYTES;
const LEAST_PAGES = 16;
/** Pages that are kept in memory: 8 MB. */
const KEPT_PAGES = 2048;
/** Pages in memory at a time while a file is made. */
const PAGES_AT_ONCE = 1024;

/** Opens the file; undefined where there is none, or none of ours. */
export function openEntryIndex(file: string): EntryIndex | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r+');
  } catch {
    return undefined;
  }
  const head = Buffer.alloc(PAGE_BYTES);
  const whole = readSync(descriptor, head, 0, PAGE_BYTES, 0) === PAGE_BYTES;
  const pages = head.readUInt32BE(MAGIC.length);
  if (!whole || !head.subarray(0, MAGIC.length).equals(MAGIC) || !Number.isInteger(Math.log2(pages))) {
    closeSync(descriptor);
    return undefined;
  }
  return indexOf(descriptor, head, pages);
}

function indexOf(descriptor: number, head: Buffer, pages: number): EntryIndex {
  const kept = keepPages(descriptor);
  let isOpen = true;
  return {
    get covered() {
      return readCover(head);
    },
    capacity: (pages * SLOTS) / 2,
    candidates: (leaf) => slotsWith(kept.page(pageOf(leaf, pages)), leaf),
    insert: (leaf, index) => {
      const number = pageOf(leaf, pages);
      if (insertInto(kept.page(number), leaf, index)) kept.change(number);
    },
    cover: (size, rootHash) => {
      kept.write();
      fdatasyncSync(descriptor);
      writeCover(head, size, rootHash);
      writeSync(descriptor, head, 0, PAGE_BYTES, 0);
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      closeSync(descriptor);
    },
  };
}

type KeptPages = {
  readonly page: (number: number) => Buffer;
  /** Says that a page was changed: it is written with the others, or when it has to make room. */
  readonly change: (number: number) => void;
  readonly write: () => void;
};

/** Keeps the pages that were used last. */
function keepPages(descriptor: number): KeptPages {
  const kept = new Map<number, Buffer>();
  const changed = new Set<number>();
  const write = (number: number): void => {
    writeSync(descriptor, kept.get(number) as Buffer, 0, PAGE_BYTES, (1 + number) * PAGE_BYTES);
    changed.delete(number);
  };
  return {
    page: (number) => {
      let page = kept.get(number);
      if (page === undefined) {
        page = Buffer.alloc(PAGE_BYTES);
        readSync(descriptor, page, 0, PAGE_BYTES, (1 + number) * PAGE_BYTES);
      }
      kept.delete(number);
      kept.set(number, page);
      const [oldest] = kept.keys();
      if (kept.size > KEPT_PAGES && oldest !== undefined) {
        if (changed.has(oldest)) write(oldest);
        kept.delete(oldest);
      }
      return page;
    },
    change: (number) => void changed.add(number),
    write: () => {
      for (const number of [...changed]) write(number);
    },
  };
}

/** Makes a file with room for twice as many entries, of all the leaves given, in memory that is bounded. */
export async function makeEntryIndex(
  file: string,
  tree: { readonly size: number; readonly rootHash: Uint8Array },
  leaves: () => AsyncIterable<readonly Uint8Array[]>,
): Promise<void> {
  const pages = Math.max(LEAST_PAGES, 2 ** Math.ceil(Math.log2((tree.size * 4) / SLOTS + 1)));
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.new`;
  const descriptor = openSync(temporary, 'w+');
  try {
    ftruncateSync(descriptor, (1 + pages) * PAGE_BYTES);
    for (let first = 0; first < pages; first += PAGES_AT_ONCE) {
      const block = Buffer.alloc(Math.min(PAGES_AT_ONCE, pages - first) * PAGE_BYTES);
      let index = 0;
      for await (const tile of leaves())
        for (const leaf of tile) {
          const at = (pageOf(leaf, pages) - first) * PAGE_BYTES;
          if (at >= 0 && at < block.length) insertInto(block.subarray(at, at + PAGE_BYTES), leaf, index);
          index++;
        }
      writeSync(descriptor, block, 0, block.length, (1 + first) * PAGE_BYTES);
    }
    const head = Buffer.alloc(PAGE_BYTES);
    MAGIC.copy(head);
    head.writeUInt32BE(pages, MAGIC.length);
    writeCover(head, tree.size, tree.rootHash);
    writeSync(descriptor, head, 0, PAGE_BYTES, 0);
    fdatasyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
}

function pageOf(leaf: Uint8Array, pages: number): number {
  return Buffer.from(leaf.buffer, leaf.byteOffset).readUInt32BE() % pages;
}

function tagOf(leaf: Uint8Array): Uint8Array {
  return leaf.subarray(4, 4 + TAG_BYTES);
}

/** The indexes of the slots that have a hash's tag. */
function slotsWith(page: Buffer, leaf: Uint8Array): readonly number[] {
  const tag = tagOf(leaf);
  const found: number[] = [];
  for (let at = page.indexOf(tag); at >= 0; at = page.indexOf(tag, at + 1)) {
    const held = at % SLOT_BYTES === 0 ? indexIn(page, at) : 0;
    if (held > 0) found.push(held - 1);
  }
  return found;
}

/** Slots are taken from the first on. False where the page is full. */
function insertInto(page: Buffer, leaf: Uint8Array, index: number): boolean {
  let taken = 0;
  for (let step = SLOTS / 2; step >= 1; step /= 2)
    if (indexIn(page, (taken + step - 1) * SLOT_BYTES) > 0) taken += step;
  const at = taken * SLOT_BYTES;
  if (indexIn(page, at) > 0) return false;
  page.set(tagOf(leaf), at);
  page.writeUIntBE(index + 1, at + TAG_BYTES, 6);
  return true;
}

/** One more than the index of the entry in a slot; 0 in a free one. */
function indexIn(page: Buffer, at: number): number {
  return page.readUIntBE(at + TAG_BYTES, 6);
}

const COVER_AT = MAGIC.length + 4;

function readCover(head: Buffer): { readonly size: number; readonly rootHash: Uint8Array } {
  return { size: head.readUIntBE(COVER_AT, 6), rootHash: Uint8Array.from(head.subarray(COVER_AT + 6, COVER_AT + 38)) };
}

function writeCover(head: Buffer, size: number, rootHash: Uint8Array): void {
  head.writeUIntBE(size, COVER_AT, 6);
  head.set(rootHash, COVER_AT + 6);
}
