import { escapeText } from './escape.ts';
import { type LineEdit, type LinePair, lineEdits } from './lines/line-edits.ts';
import { shownLines } from './lines/long-lines.ts';

export type LineDiff = {
  /** Hunks as in Difference.diff, escaped; empty for equal lines. */
  readonly text: string;
  /** True when `maxBytes` cut it, or a very long line that differs is shown in part. */
  readonly truncated: boolean;
};

export type LineDiffOptions = {
  /** Bytes of UTF-8. */
  readonly maxBytes: number;
  readonly contextLines?: number;
};

const NO_NEWLINE = '\\ No newline at end of file';

/**
 * What diff -u would say: hunks with `contextLines` (3) equal lines around them. The same with the sides swapped, but
 * mirrored. Where it is cut, as much of either side is shown, and the head of a hunk counts all its lines.
 */
export function lineDiff(left: readonly string[], right: readonly string[], options: LineDiffOptions): LineDiff {
  const pair = { left, right, leftOpen: false, rightOpen: false };
  return renderEdits(pair, lineEdits(pair), options);
}

/** The edits of a pair of texts as hunks. */
export function renderEdits(pair: LinePair, edits: readonly LineEdit[], options: LineDiffOptions): LineDiff {
  const { maxBytes, contextLines = 3 } = options;
  const page = new Page(maxBytes);
  for (const hunk of hunksOf(edits, contextLines)) {
    const [first, last] = [hunk[0] as LineEdit, hunk.at(-1) as LineEdit];
    // Before the first edit and after the last one both sides hold the same lines.
    const lead = Math.min(contextLines, first.leftFrom);
    const trail = Math.min(contextLines, pair.left.length - last.leftTo);
    page.all([
      `@@ -${range(first.leftFrom - lead, last.leftTo + trail)} +${range(first.rightFrom - lead, last.rightTo + trail)} @@`,
    ]);
    let equalFrom = first.leftFrom - lead;
    for (const edit of hunk) {
      page.equal(pair.left.slice(equalFrom, edit.leftFrom), false);
      const shown = shownLines(
        pair.left.slice(edit.leftFrom, edit.leftTo),
        pair.right.slice(edit.rightFrom, edit.rightTo),
      );
      page.cut ||= shown.shortened;
      page.both(
        lines('-', shown.left, pair.leftOpen && edit.leftTo === pair.left.length),
        lines('+', shown.right, pair.rightOpen && edit.rightTo === pair.right.length),
      );
      equalFrom = edit.leftTo;
    }
    const to = equalFrom + trail;
    page.equal(pair.left.slice(equalFrom, to), pair.leftOpen && to === pair.left.length);
    if (page.full) break;
  }
  return { text: page.text, truncated: page.cut };
}

/** Edits with at most twice the context between them share a hunk. */
function hunksOf(edits: readonly LineEdit[], contextLines: number): readonly (readonly LineEdit[])[] {
  const hunks: LineEdit[][] = [];
  let before: LineEdit | undefined;
  for (const edit of edits) {
    if (before !== undefined && edit.leftFrom - before.leftTo <= 2 * contextLines) hunks.at(-1)?.push(edit);
    else hunks.push([edit]);
    before = edit;
  }
  return hunks;
}

/** An empty range is told by the line before it, as diff -u does. */
function range(from: number, to: number): string {
  return `${to === from ? from : from + 1},${to - from}`;
}

/** `open`: the last of them has no newline. */
function* lines(mark: string, text: readonly string[], open: boolean): Generator<string> {
  for (const [index, raw] of text.entries()) {
    const line = `${mark}${escapeText(raw)}`;
    yield open && index === text.length - 1 ? `${line}\n${NO_NEWLINE}` : line;
  }
}

/** Text of at most so many bytes. Cut, it takes from both sides in the same measure. */
class Page {
  text = '';
  cut = false;
  full = false;
  #room: number;

  constructor(maxBytes: number) {
    this.#room = maxBytes;
  }

  all(some: Iterable<string>): void {
    const taken = take(some, this.full ? 0 : this.#room);
    this.#add(taken);
    this.full ||= !taken.whole;
  }

  equal(text: readonly string[], open: boolean): void {
    // What is shown of them in part is alike: nothing of what differs is left out.
    this.all(lines(' ', shownLines(text, []).left, open));
  }

  both(left: Iterable<string>, right: Iterable<string>): void {
    const room = this.full ? 0 : this.#room;
    const [old, now] = [take(left, room), take(right, room)];
    if (old.whole && now.whole && old.bytes + now.bytes <= room) {
      this.#add(old);
      this.#add(now);
      return;
    }
    const half = Math.floor(room / 2);
    const roomFor = (other: Taken): number => Math.max(half, other.whole ? room - other.bytes : 0);
    this.#add(take(old.lines, roomFor(now)));
    this.#add(take(now.lines, roomFor(old)));
    this.full = true;
    this.cut = true;
  }

  #add({ lines: some, bytes, whole }: Taken): void {
    for (const line of some) this.text += `${line}\n`;
    this.#room -= bytes;
    this.cut ||= !whole;
  }
}

type Taken = { readonly lines: readonly string[]; readonly bytes: number; readonly whole: boolean };

function take(some: Iterable<string>, room: number): Taken {
  const taken: string[] = [];
  let bytes = 0;
  for (const line of some) {
    const size = Buffer.byteLength(line) + 1;
    if (bytes + size > room) return { lines: taken, bytes, whole: false };
    bytes += size;
    taken.push(line);
  }
  return { lines: taken, bytes, whole: true };
}
