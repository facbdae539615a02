import { createHash } from 'node:crypto';
import { type ChangelogEntry, isChangelogHeading, readDebianChangelog } from '../../../formats/index.ts';
import { escapeText, shorten } from '../../escape.ts';
import { namedPairs } from '../../named-pairs.ts';
import type { Explanation } from '../../types.ts';
import { compareFacts, type Fact, factsOfText } from './facts.ts';

/** Debian changelogs: which entries are new, changed, or cut off at the old end, as debhelper does. */
export const debianChangelog = factsOfText({
  id: 'debian-changelog',
  what: 'changelog',
  recognizes: (head) =>
    isChangelogHeading(Buffer.from(head.subarray(0, 512)).toString('latin1').split('\n', 1)[0] ?? ''),
  facts: (text) => {
    const entries = readDebianChangelog(text);
    return [
      { name: 'entries', value: String(entries.length) },
      { name: 'newest entry', value: entries[0]?.heading ?? '' },
    ];
  },
  more: {
    read: (text) =>
      readDebianChangelog(text).map(({ version, signature, text }) => ({ version, signature, digest: digestOf(text) })),
    explain: compareEntries,
  },
});

/** Of an entry as much as is held of both sides. */
type Entry = Pick<ChangelogEntry, 'version' | 'signature'> & { readonly digest: string };

function digestOf(entry: string): string {
  return createHash('sha256').update(entry).digest('base64');
}

function* compareEntries(left: readonly Entry[], right: readonly Entry[]): Generator<Explanation> {
  const { pairs } = namedPairs(left, right, ({ version }) => version);
  const changed = pairs.filter((pair) => pair.left && pair.right && pair.left.digest !== pair.right.digest);
  // Of one version: two entries have dates of their own, which are no other date of the same thing.
  const signatures = (side: 'left' | 'right'): readonly Fact[] =>
    changed.map((pair) => ({ name: `signature of ${pair.name}`, value: pair[side]?.signature ?? '' }));
  yield* compareFacts(signatures('left'), signatures('right'), 'changelog');
  const alone = (mine: readonly Entry[], other: readonly Entry[]): ReadonlySet<string> => {
    const known = new Set(other.map(({ version }) => version));
    return new Set(mine.map(({ version }) => version).filter((version) => !known.has(version)));
  };
  const [onlyLeft, onlyRight] = [alone(left, right), alone(right, left)];
  for (const [name, place] of [
    ['newer', 'beginning'],
    ['older', 'end'],
  ] as const) {
    const [old, now] = [runAt(place, left, onlyLeft), runAt(place, right, onlyRight)];
    if (old.length === 0 && now.length === 0) continue;
    if (left.length === old.length || right.length === now.length) continue;
    const kept = place === 'end' ? left[left.length - 1 - old.length] : left[old.length];
    yield {
      kind: 'reason',
      reason: {
        kind: 'missing-or-extra',
        evidence: `entries ${name} than ${shown(kept?.version ?? '')} are not on both sides`,
        ...(old.length === 0 ? {} : { left: versions(old) }),
        ...(now.length === 0 ? {} : { right: versions(now) }),
      },
    };
  }
  if (changed.length > 0)
    yield {
      kind: 'note',
      text: `${changed.length} entries differ: ${changed
        .slice(0, 3)
        .map(({ name }) => shown(name))
        .join(', ')}`,
    };
}

/** Entries that only one side has, at one end of it. */
function runAt(place: 'beginning' | 'end', entries: readonly Entry[], alone: ReadonlySet<string>): readonly Entry[] {
  if (place === 'beginning') {
    const end = entries.findIndex(({ version }) => !alone.has(version));
    return entries.slice(0, end < 0 ? entries.length : end);
  }
  return entries.slice(entries.findLastIndex(({ version }) => !alone.has(version)) + 1);
}

function versions(entries: readonly Entry[]): string {
  const [first, last] = [entries[0]?.version ?? '', entries.at(-1)?.version ?? ''];
  return entries.length === 1 ? shown(first) : shown(`${entries.length} entries, ${first} to ${last}`);
}

function shown(text: string): string {
  return escapeText(shorten(text, 200));
}
