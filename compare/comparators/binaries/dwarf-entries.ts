import {
  type DwarfAbbreviation,
  DwarfEntries,
  dwarfText,
  isTextForm,
  passedDwarfLimit,
} from '../../../formats/index.ts';
import type { UnitPair } from './dwarf-pairs.ts';
import type { DwarfSide } from './dwarf-side.ts';

/** What all units' entries differ in. Attributes by code, so that nothing hangs on the order of units. */
export type EntryTally = {
  /** Texts that stand in the same attribute of the same entry, by attribute and both texts. */
  readonly texts: ChangedTexts;
  /** How often an attribute's value differs otherwise. */
  readonly values: Map<number, number>;
  /** Texts that another file holds, or that stand outside of their table. */
  elsewhere: number;
  /** What the limits count. */
  seen: number;
  textBytes: number;
  /** Pairs of offsets at which equal texts stand. */
  readonly equal: Set<number>;
};

/** Values that are compared, and bytes of texts that are looked at, in all units together. */
const VALUES = 150_000_000;
const TEXT_BYTES = 2 ** 30;
/** Pairs of texts that are told apart, bytes of a text that are kept, and pairs of offsets that are remembered. */
export const TEXTS = 10_000;
const TEXT_KEPT = 2_048;
const REMEMBERED = 2_000_000;

export function emptyTally(): EntryTally {
  const maps = { texts: new Map<never, never>(), values: new Map<never, never>(), equal: new Set<never>() };
  return { ...maps, elsewhere: 0, seen: 0, textBytes: 0 };
}

type Sides = { readonly left: DwarfSide; readonly right: DwarfSide };

/** True for units of the same entries with the same attributes, whose values are then tallied. Throws FORMAT_*. */
export function compareEntries(sides: Sides, pair: UnitPair, tally: EntryTally): boolean {
  const one = new DwarfEntries(sides.left.sections, pair.left, sides.left.abbreviations);
  const other = new DwarfEntries(sides.right.sections, pair.right, sides.right.abbreviations);
  const alike = new Map<DwarfAbbreviation, DwarfAbbreviation>();
  // Of units whose entries turn out to be others nothing is tallied.
  const found: Found = { texts: new Map(), values: new Map(), elsewhere: 0 };
  for (let isRoot = true; ; isRoot = false) {
    const there = one.next();
    if (there !== other.next()) return false;
    if (!there) break;
    const [old, now] = [one.abbreviation, other.abbreviation];
    if (old === undefined || now === undefined) {
      if (old !== now) return false;
      continue;
    }
    if (alike.get(old) !== now) {
      if (!sameAttributes(old, now)) return false;
      alike.set(old, now);
    }
    const { names } = old;
    tally.seen += names.length;
    if (tally.seen > VALUES) throw passedDwarfLimit('values', VALUES);
    for (let index = 0; index < names.length; index++) {
      one.value(index);
      other.value(index);
      const attribute = names[index] as number;
      // What the first entry says of the unit is told with it.
      if (isRoot && TOLD.has(attribute)) continue;
      if (isTextForm(one.form) && isTextForm(other.form))
        compareTexts({ sides, pair, one, other }, attribute, { found, tally });
      else if (!sameValue(one, other) || (old.raw !== now.raw && one.form === IMPLICIT_CONST))
        countUp(found.values, attribute, 1);
    }
  }
  add(found, tally);
  return true;
}

/** What the entries of one unit differ in. */
type Found = { readonly texts: ChangedTexts; readonly values: Map<number, number>; elsewhere: number };
type Changed = { readonly attribute: number; readonly left: string; readonly right: string };
type ChangedTexts = Map<string, Changed & { count: number }>;

function add(found: Found, tally: EntryTally): void {
  tally.elsewhere += found.elsewhere;
  for (const [attribute, count] of found.values) countUp(tally.values, attribute, count);
  for (const { count, ...changed } of found.texts.values()) addText(tally.texts, changed, count);
}

function countUp(counts: Map<number, number>, key: number, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function addText(texts: ChangedTexts, changed: Changed, count: number): void {
  const key = `${changed.attribute}\0${changed.left}\0${changed.right}`;
  const known = texts.get(key);
  if (known !== undefined) known.count += count;
  else if (texts.size <= TEXTS) texts.set(key, { ...changed, count });
}

/** Name, language, folder, producer, names of split files. */
const TOLD = new Set([0x03, 0x13, 0x1b, 0x25, 0x76, 0x2130]);
const IMPLICIT_CONST = 0x21;

function sameAttributes(old: DwarfAbbreviation, now: DwarfAbbreviation): boolean {
  if (old.raw === now.raw) return true;
  return (
    old.tag === now.tag &&
    old.names.length === now.names.length &&
    old.names.every((name, index) => name === now.names[index])
  );
}

function sameValue(one: DwarfEntries, other: DwarfEntries): boolean {
  const size = one.bytes.at - one.start;
  if (one.form !== other.form || size !== other.bytes.at - other.start) return false;
  const [left, right] = [one.bytes.bytes, other.bytes.bytes];
  for (let index = 0; index < size; index++) if (left[one.start + index] !== right[other.start + index]) return false;
  return true;
}

type Texts = {
  readonly sides: Sides;
  readonly pair: UnitPair;
  readonly one: DwarfEntries;
  readonly other: DwarfEntries;
};

function compareTexts(
  { sides, pair, one, other }: Texts,
  attribute: number,
  { found, tally }: { readonly found: Found; readonly tally: EntryTally },
): void {
  const [before, after] = [one.textPlace(), other.textPlace()];
  // Most texts are named many times: that two offsets are of equal texts is remembered.
  const same = before.kind === 'str' && after.kind === 'str' ? before.offset * 2 ** 26 + after.offset : undefined;
  if (same !== undefined && tally.equal.has(same)) return;
  const old = dwarfText(before, { sections: sides.left.sections, index: pair.left.index });
  const now = dwarfText(after, { sections: sides.right.sections, index: pair.right.index });
  if (typeof old === 'string' || typeof now === 'string') {
    found.elsewhere++;
    return;
  }
  tally.textBytes += old.length + now.length;
  if (tally.textBytes > TEXT_BYTES) throw passedDwarfLimit('bytes of texts', TEXT_BYTES);
  if (old.equals(now)) {
    if (same !== undefined && tally.equal.size < REMEMBERED) tally.equal.add(same);
    return;
  }
  const [left, right] = [kept(old), kept(now)];
  // Where texts differ only after what is kept, that they do is all there is to say.
  if (left === right) countUp(found.values, attribute, 1);
  else addText(found.texts, { attribute, left, right }, 1);
}

function kept(text: Buffer): string {
  return text.toString('latin1', 0, TEXT_KEPT);
}
