/** A piece of a file: its first byte's offset and its length, in bytes. */
export type ByteRange = { readonly offset: number; readonly size: number };

/**
 * Hands the bytes of every range to `sink` in one pass, in order within a range; ranges may overlap. Stops after the
 * last one and gives the offset it reached: less than a range's end when the stream was too short.
 */
export async function readRanges(
  source: AsyncIterable<Uint8Array>,
  ranges: readonly ByteRange[],
  sink: (index: number, bytes: Uint8Array) => void,
): Promise<number> {
  const waiting = ranges
    .map((range, index) => ({ index, start: range.offset, end: range.offset + range.size }))
    .filter((range) => range.end > range.start)
    .sort((left, right) => left.start - right.start || left.index - right.index);
  const last = waiting.reduce((end, range) => Math.max(end, range.end), 0);
  if (last === 0) return 0;
  let active: typeof waiting = [];
  let next = 0;
  let position = 0;
  for await (const chunk of source) {
    const end = position + chunk.length;
    for (let range = waiting[next]; range !== undefined && range.start < end; range = waiting[++next])
      active.push(range);
    for (const range of active)
      sink(range.index, chunk.subarray(Math.max(0, range.start - position), range.end - position));
    active = active.filter((range) => range.end > end);
    position = end;
    if (position >= last) break;
  }
  return position;
}
