import { byBytes } from '../../pairing.ts';
import type { LeafComparator } from '../../types.ts';
import { readTextPair } from '../documents/text-pair.ts';
import { compareItems } from './item-list.ts';

const NAMES =
  /(?:^|\/)(?:md5sums|[A-Za-z0-9_.-]*(?:MD5|SHA1|SHA256|SHA512)SUMS?|[A-Za-z0-9_.-]*sha(?:1|256|512)sums?)$/;
const LINE = /^[0-9a-f]{32,128} [ *]/;

/**
 * Lists of files' digests as md5sum(1) writes them, a package's md5sums among them: by path. What they state is shown
 * and never believed: files are compared by their own bytes.
 */
export const digestList: LeafComparator = {
  kind: 'leaf',
  id: 'digest-list',
  recognizes: (head, name) => NAMES.test(name) && LINE.test(Buffer.from(head.subarray(0, 200)).toString('latin1')),
  async *explain(left, right, { budget }) {
    const texts = await readTextPair(left, right, budget.limits.textBytes);
    const [old, now] = (texts ?? []).map((text) => text.replace(/\n$/, '').split('\n'));
    if (old === undefined || now === undefined || ![...old, ...now].every((line) => LINE.test(line))) {
      yield { kind: 'declined' };
      return;
    }
    const found = compareItems(old, now);
    if (found.reordered)
      yield { kind: 'reason', reason: { kind: 'order', evidence: 'the same lines in another order' } };
    if (found.left.length + found.right.length === 0) {
      // Then the newline at the end is all that differs.
      if (!found.reordered) yield { kind: 'declined' };
      return;
    }
    yield { kind: 'lines', left: byPath(old), right: byPath(now) };
    const [one, other] = [found.left, found.right].map((lines) => byPath(lines).map(unmarked).join('\n'));
    if (one === other) {
      yield { kind: 'reason', reason: { kind: 'metadata', evidence: 'the same digests, read as text or as binary' } };
      return;
    }
    const paths = [found.left, found.right].map((lines) => byPath(lines).map(pathOf).join('\n'));
    const evidence =
      paths[0] === paths[1]
        ? 'the same files are stated with other digests, which follow from their contents'
        : 'it states digests of other files';
    yield { kind: 'reason', reason: { kind: 'checksum', evidence } };
  },
};

function byPath(lines: readonly string[]): readonly string[] {
  return lines.toSorted((one, other) => byBytes(pathOf(one), pathOf(other)) || byBytes(one, other));
}

/** A line without the mark of how its file was read. */
function unmarked(line: string): string {
  return line.replace(/ [ *]/, '  ');
}

function pathOf(line: string): string {
  return line.slice(line.indexOf(' ') + 2);
}
