import type { ReasonKind } from '../../../model/index.ts';
import type { Explanation, LeafComparator } from '../../types.ts';
import { readTextPair } from '../documents/text-pair.ts';
import { orderOfCommon } from './item-list.ts';

/** What an attribute that differs says, mtree(5) of libarchive. */
const REASONS: readonly (readonly [RegExp, ReasonKind])[] = [
  [/^time$/, 'timestamp'],
  [/^mode$/, 'mode'],
  [/^(?:uid|gid|uname|gname)$/, 'owner'],
  [/^(?:cksum|[a-z0-9]*digest|md5|sha1|sha256|sha384|sha512|rmd160)$/, 'checksum'],
];

type Attributes = ReadonlyMap<string, string>;

/** File lists of mtree(5), such as .MTREE of Arch packages: by lines, and which attributes of files both have differ. */
export const mtree: LeafComparator = {
  kind: 'leaf',
  id: 'mtree',
  recognizes: (head) => Buffer.from(head.subarray(0, 7)).toString('latin1') === '#mtree\n',
  async *explain(left, right, { budget }) {
    const texts = await readTextPair(left, right, budget.limits.textBytes);
    if (texts === undefined) {
      yield { kind: 'declined' };
      return;
    }
    const [old, now] = [texts[0].split('\n'), texts[1].split('\n')];
    yield { kind: 'lines', left: old, right: now };
    if (old.length + now.length > MAX_LINES)
      yield { kind: 'note', text: `attributes of more than ${MAX_LINES} lines are not told apart` };
    else yield* explainAttributes(filesOf(old), filesOf(now));
  },
};

function* explainAttributes(
  old: ReadonlyMap<string, Attributes>,
  now: ReadonlyMap<string, Attributes>,
): Generator<Explanation> {
  if (orderOfCommon([...old.keys()], [...now.keys()]))
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'the same paths in another order' } };
  const counts = new Map<ReasonKind, number>();
  for (const [path, attributes] of old) {
    const others = now.get(path);
    if (others === undefined) continue;
    const differing = [...attributes].filter(([name, value]) => others.has(name) && others.get(name) !== value);
    const kinds = differing.flatMap(([name]) => REASONS.find(([pattern]) => pattern.test(name))?.[1] ?? []);
    for (const kind of new Set(kinds)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  for (const [, kind] of REASONS) {
    const count = counts.get(kind);
    if (count !== undefined) yield { kind: 'reason', reason: { kind, evidence: `${count} paths differ in it` } };
  }
}

/** Attributes by path, those of /set added; a path given again has its number. */
function filesOf(lines: readonly string[]): ReadonlyMap<string, Attributes> {
  const files = new Map<string, Attributes>();
  let set: Attributes = new Map();
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    const [path = '', ...words] = line.split(' ');
    const own = words.map((word): [string, string] => {
      const equals = word.indexOf('=');
      return equals < 0 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)];
    });
    // A /set of many attributes would be copied for every path.
    if (path === '/set') set = new Map([...set, ...own].slice(0, MAX_SET));
    else if (path === '/unset') set = new Map([...set].filter(([name]) => !words.includes(name)));
    else files.set(files.has(path) ? `${path} ${files.size}` : path, new Map([...set, ...own]));
  }
  return files;
}
const MAX_SET = 32;
const MAX_LINES = 400_000;
