import type { FieldChange, Reason } from '../../../model/index.ts';
import { byBytes } from '../../pairing.ts';
import { shownText } from '../../shown-value.ts';
import type { Explanation, LeafComparator } from '../../types.ts';
import { readTextPair } from '../documents/text-pair.ts';
import { compareItems } from './item-list.ts';

const SHOWN_CHARACTERS = 2000;
const LINE = /^[A-Za-z0-9_]+ = /;
/** Keys whose values say why they differ, of .PKGINFO and .BUILDINFO: BUILDINFO(5) and PKGBUILD(5) of pacman. */
const REASONS: ReadonlyMap<string, Omit<Reason, 'left' | 'right'>> = new Map([
  ['builddate', { kind: 'timestamp', evidence: 'builddate is when it was built, in seconds since 1970' }],
  ['builddir', { kind: 'path', evidence: 'builddir is where it was built' }],
  ['startdir', { kind: 'path', evidence: 'startdir is where makepkg was started' }],
  ['size', { kind: 'metadata', evidence: 'size follows from the installed files' }],
  ['datahash', { kind: 'checksum', evidence: 'datahash follows from the files' }],
  ['pkgbuild_sha256sum', { kind: 'checksum', evidence: 'pkgbuild_sha256sum is the digest of another file' }],
]);

/** .PKGINFO and .BUILDINFO of Arch and Alpine packages: values by key, a key given again as a set of values. */
export const packageInfo: LeafComparator = {
  kind: 'leaf',
  id: 'package-info',
  recognizes: (head, name) =>
    /(?:^|\/)\.(?:PKGINFO|BUILDINFO)$/.test(name) &&
    /^(?:#[^\n]*\n)*[A-Za-z0-9_]+ = /.test(Buffer.from(head.subarray(0, 1024)).toString('latin1')),
  async *explain(left, right, { budget }) {
    const texts = await readTextPair(left, right, budget.limits.textBytes);
    if (texts === undefined) {
      yield { kind: 'declined' };
      return;
    }
    const [old, now] = [valuesOf(texts[0]), valuesOf(texts[1])];
    const found = [...explainKeys(old, now)];
    yield* found;
    if (found.length > 0) return;
    const same = compareItems(texts[0].split('\n'), texts[1].split('\n'));
    if (same.reordered)
      yield { kind: 'reason', reason: { kind: 'order', evidence: 'the same lines in another order' } };
    else yield { kind: 'declined' };
  },
};

type Values = ReadonlyMap<string, readonly string[]>;

/** Comments are values without a key. */
function valuesOf(text: string): Values {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const key = LINE.test(line) ? line.slice(0, line.indexOf(' ')) : 'other lines';
    const list = values.get(key) ?? [];
    list.push(key === 'other lines' ? line : line.slice(key.length + 3));
    values.set(key, list);
  }
  return values;
}

function* explainKeys(old: Values, now: Values): Generator<Explanation> {
  for (const key of [...new Set([...old.keys(), ...now.keys()])].sort(byBytes)) {
    const [left, right] = [old.get(key), now.get(key)];
    const found = compareItems(left ?? [], right ?? []);
    if (found.reordered)
      yield { kind: 'reason', reason: { kind: 'order', evidence: `${key}: the same values in another order` } };
    if (found.left.length + found.right.length === 0) continue;
    const told = (values: readonly string[]): string => shownText(values.join(', '), SHOWN_CHARACTERS);
    const change: FieldChange = {
      name: key,
      ...(left === undefined ? {} : { left: told(found.left) }),
      ...(right === undefined ? {} : { right: told(found.right) }),
    };
    yield { kind: 'fields', fields: [change] };
    const reason = left === undefined || right === undefined ? undefined : REASONS.get(key);
    if (reason !== undefined) yield { kind: 'reason', reason };
  }
}
