import { sortedChanges } from '../../lines/sorted-lines.ts';
import type { LeafComparator } from '../../types.ts';

const NAMES = /(?:^|[/_])Contents-[a-z0-9-]{1,40}$/;
/** A file, blanks, and the packages that hold it, each with its section (the debian repository format, Contents). */
const LINE = /^\S[^\n]*[ \t]+(?:[^\s,/]+\/){1,3}[^\s,/]+(?:,(?:[^\s,/]+\/){1,3}[^\s,/]+)*$/m;
/** Lines of either side that are told. */
const TOLD = 5_000;

/** Contents indices of an archive: the lines that only one side has, in texts of any length, as long as they are sorted. */
export const contentsIndex: LeafComparator = {
  kind: 'leaf',
  id: 'contents-index',
  recognizes: (head, name) => NAMES.test(name) && LINE.test(Buffer.from(head.subarray(0, 4096)).toString('latin1')),
  async *explain(left, right) {
    const found = await sortedChanges(left, right, TOLD);
    const count = found === undefined ? 0 : found.leftCount + found.rightCount;
    if (found === undefined || count === 0) {
      yield {
        kind: 'declined',
        ...(found === undefined ? { why: 'not compared as a list: its lines are not sorted, or too long' } : {}),
      };
      return;
    }
    const [old, now] = [found.left, found.right].map((lines) =>
      lines.map((line) => Buffer.from(line, 'latin1').toString('utf8')),
    ) as [string[], string[]];
    yield { kind: 'lines', left: old, right: now };
    const sides = { left: String(found.leftCount), right: String(found.rightCount) };
    yield { kind: 'fields', fields: [{ name: 'lines that the other side has not', ...sides }] };
    const untold = count - old.length - now.length;
    if (untold > 0) {
      yield { kind: 'note', text: `${untold} more lines differ` };
      yield { kind: 'truncated' };
    }
  },
};
