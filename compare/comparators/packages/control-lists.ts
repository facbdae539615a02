import { byBytes } from '../../pairing.ts';
import type { LeafComparator } from '../../types.ts';
import { compareFacts } from '../documents/facts.ts';
import { explainAsText } from '../documents/text.ts';
import { readTextPair } from '../documents/text-pair.ts';
import { debhelperFacts } from './debhelper-facts.ts';
import { compareItems } from './item-list.ts';

/** A file in a package's control archive whose lines may stand in any order. */
type ControlList = {
  readonly id: string;
  readonly name: RegExp;
  /** What each line but comments is. */
  readonly line: RegExp;
  /** Lines of two sides that are of the same thing have equal keys. */
  keyOf(line: string): string;
  /** Why lines of equal keys differ, where that can be said. */
  readonly why?: { readonly kind: 'version-text' | 'metadata'; readonly evidence: string };
};

const LISTS: readonly ControlList[] = [
  {
    // deb-triggers(5)
    id: 'deb-triggers',
    name: /(?:^|\/)triggers$|\.triggers$/,
    line: /^(?:interest|activate)(?:-await|-noawait)? \S+$/,
    keyOf: (line) => line.slice(line.indexOf(' ') + 1),
    why: { kind: 'metadata', evidence: 'the same triggers, awaited or not' },
  },
  {
    // deb-conffiles(5)
    id: 'deb-conffiles',
    name: /(?:^|\/)conffiles$|\.conffiles$/,
    line: /^(?:remove-on-upgrade )?\/\S.*$/,
    keyOf: (line) => line,
  },
  {
    // deb-shlibs(5)
    id: 'deb-shlibs',
    name: /(?:^|\/)shlibs$|\.shlibs$/,
    line: /^(?:[a-z0-9-]+: )?\S+ \S+(?: \S.*)?$/,
    keyOf: (line) => line.replace(/^((?:[a-z0-9-]+: )?\S+ \S+).*$/, '$1'),
    why: { kind: 'version-text', evidence: 'the same libraries, depended on otherwise' },
  },
];

/** Triggers, conffiles and shlibs of a Debian package: entries that only one side has, whatever their order. */
export const controlLists: readonly LeafComparator[] = LISTS.map((list) => ({
  kind: 'leaf',
  id: list.id,
  recognizes: (head, name) =>
    list.name.test(name) &&
    entriesOf(Buffer.from(head.subarray(0, 2048)).toString('latin1').slice(0, 2000), list, false) !== undefined,
  async *explain(left, right, context) {
    const texts = await readTextPair(left, right, context.budget.limits.textBytes);
    const [old, now] = (texts ?? []).map((text) => entriesOf(text, list, true));
    if (texts === undefined || old === undefined || now === undefined) {
      yield { kind: 'declined' };
      return;
    }
    yield* compareFacts(debhelperFacts(texts[0]), debhelperFacts(texts[1]), 'comment');
    const found = compareItems(old, now);
    if (found.reordered)
      yield {
        kind: 'reason',
        reason: { kind: 'order', evidence: 'the same entries in another order, which means nothing' },
      };
    if (found.left.length + found.right.length > 0) {
      yield { kind: 'lines', left: old.toSorted(byBytes), right: now.toSorted(byBytes) };
      const [one, other] = [found.left, found.right].map((lines) => lines.map(list.keyOf).sort(byBytes).join('\n'));
      if (one === other && list.why !== undefined) yield { kind: 'reason', reason: list.why };
    } else if (!found.reordered) yield* explainAsText(left, right, context);
  },
}));

/** The lines but comments, blanks made one; undefined where one is no entry. A last one may be cut unless `whole`. */
function entriesOf(text: string, { line }: ControlList, whole: boolean): readonly string[] | undefined {
  const lines = text.split('\n').map((one) => one.trim().replace(/[ \t]+/g, ' '));
  const entries = (whole ? lines : lines.slice(0, Math.max(1, lines.length - 1))).filter(
    (one) => one !== '' && !one.startsWith('#'),
  );
  return entries.length > 0 && entries.every((one) => line.test(one)) ? entries : undefined;
}
