import { type DwarfUnit, dwarfLanguage } from '../../../formats/index.ts';
import type { FieldChange } from '../../../model/index.ts';
import { escapeName, shorten } from '../../escape.ts';
import { byBytes } from '../../pairing.ts';
import type { TextPair } from './dwarf-folders.ts';
import { type UnitPair, unitLabel } from './dwarf-pairs.ts';

const SHOWN = 400;

/** What the first entries of units say of them. */
export type RootPart = 'name' | 'folder' | 'split file' | 'producer' | 'language' | 'DWARF version';

/** Two values of the first entries of so many units; `of` says of which. */
export type RootChange = TextPair & { readonly part: RootPart; count: number; of: string };

/** What the first entries of paired units differ in, each pair of values once, the most frequent first. */
export function rootChanges(pairs: readonly UnitPair[]): readonly RootChange[] {
  const changes = new Map<string, RootChange>();
  for (const pair of pairs) {
    const [old, now] = [partsOf(pair.left), partsOf(pair.right)];
    for (const part of Object.keys(old) as RootPart[]) {
      const [left, right] = [old[part], now[part]];
      if (left === right) continue;
      const key = `${part}\0${left}\0${right}`;
      const known = changes.get(key);
      if (known === undefined) changes.set(key, { part, left, right, count: 1, of: `of ${unitLabel(pair)}` });
      else {
        known.count++;
        known.of = `of ${known.count} units`;
      }
    }
  }
  return [...changes.values()].sort(
    (one, other) => byBytes(one.part, other.part) || other.count - one.count || bySides(one, other),
  );
}

function partsOf({ root, version }: DwarfUnit): Readonly<Record<RootPart, string>> {
  return {
    name: root.name ?? NONE,
    folder: root.folder ?? NONE,
    'split file': root.splitName ?? NONE,
    producer: root.producer ?? NONE,
    language: root.language === undefined ? NONE : dwarfLanguage(root.language),
    'DWARF version': String(version),
  };
}
const NONE = '(none)';

/** An order of pairs of texts that is the same with the sides swapped. */
export function bySides(one: TextPair, other: TextPair): number {
  const key = ({ left, right }: TextPair): string => [left, right].sort(byBytes).join('\0');
  return byBytes(key(one), key(other));
}

export function rootField({ part, of, left, right }: RootChange): FieldChange {
  const shown = (text: string): string => shorten(escapeName(text), SHOWN);
  return { name: `${part} ${of}`, left: shown(left), right: shown(right) };
}
