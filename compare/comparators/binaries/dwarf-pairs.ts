import type { DwarfUnit } from '../../../formats/index.ts';

export type UnitPair = { readonly left: DwarfUnit; readonly right: DwarfUnit };

export type UnitPairs = {
  readonly pairs: readonly UnitPair[];
  /** Those that the other side has nothing of. */
  readonly left: readonly DwarfUnit[];
  readonly right: readonly DwarfUnit[];
};

/** What units are known by, from the strictest on: the n-th of a name is the n-th of it on the other side. */
const NAMES: readonly ((unit: DwarfUnit) => string | undefined)[] = [
  ({ root }) => root.name && `${root.folder ?? ''}\0${root.name}`,
  ({ root }) => root.name,
  ({ root }) => root.name && relative(root.name, root.folder),
  ({ root }) => root.name?.split('/').at(-1),
  // Units that have no name, or one that another file holds.
  ({ root }) => (root.name === undefined ? '' : undefined),
];

/** Pairs the units of both sides by kind and name, as far as they have one; each once. */
export function pairUnits(left: readonly DwarfUnit[], right: readonly DwarfUnit[]): UnitPairs {
  const partner = new Map<DwarfUnit, DwarfUnit>();
  let [old, now] = [left, right];
  for (const nameOf of NAMES) {
    const waiting = new Map<string, DwarfUnit[]>();
    const key = (unit: DwarfUnit): string | undefined => {
      const name = nameOf(unit);
      return name === undefined ? undefined : `${unit.kind}\0${name}`;
    };
    // From the last, so that the first is taken first.
    for (const unit of now.toReversed()) {
      const name = key(unit);
      if (name === undefined) continue;
      const others = waiting.get(name);
      if (others === undefined) waiting.set(name, [unit]);
      else others.push(unit);
    }
    const taken = new Set<DwarfUnit>();
    for (const unit of old) {
      const other = waiting.get(key(unit) ?? '')?.pop();
      if (other === undefined) continue;
      partner.set(unit, other);
      taken.add(other);
    }
    old = old.filter((unit) => !partner.has(unit));
    now = now.filter((unit) => !taken.has(unit));
  }
  const pairs = left.flatMap((unit) => {
    const other = partner.get(unit);
    return other === undefined ? [] : [{ left: unit, right: other }];
  });
  return { pairs, left: old, right: now };
}

function relative(name: string, folder: string | undefined): string {
  return folder !== undefined && name.startsWith(`${folder}/`) ? name.slice(folder.length + 1) : name;
}

/** What a pair is called: its name where both sides have the same, else the end of it that they share. */
export function unitLabel({ left, right }: UnitPair): string {
  const [old, now] = [left.root.name, right.root.name].map((name) => (name ?? '').split('/')) as [string[], string[]];
  let shared = 0;
  while (shared < Math.min(old.length, now.length) && old.at(-1 - shared) === now.at(-1 - shared)) shared++;
  const name = shared === 0 ? '' : old.slice(-shared).join('/');
  return name === '' ? 'a unit' : name;
}
