import { type DwarfUnit, dwarfAttribute } from '../../../formats/index.ts';
import type { FieldChange, Reason } from '../../../model/index.ts';
import { escapeName, shorten } from '../../escape.ts';
import { byBytes } from '../../pairing.ts';
import type { Explanation } from '../../types.ts';
import { compareEntries, type EntryTally, emptyTally, TEXTS } from './dwarf-entries.ts';
import { explains, type FolderSwap, folderSwaps, swapFields } from './dwarf-folders.ts';
import { pairUnits, type UnitPair, type UnitPairs, unitLabel } from './dwarf-pairs.ts';
import { compareProducers } from './dwarf-producer.ts';
import { bySides, rootChanges, rootField } from './dwarf-roots.ts';
import type { DwarfSide } from './dwarf-side.ts';
import { counted } from './dwarf-texts.ts';

/** What two sides of debug information differ in. */
export type DwarfFindings = {
  /** Folders that are another on either side. */
  readonly swaps: readonly FolderSwap[];
  /** True where entries differ in more than texts: the tables made for them then do, too. */
  readonly deep: boolean;
  readonly explanations: readonly Explanation[];
};

const FIELDS = 30;
const LABELS = 5;
const LINES = 1_000;
const SHOWN = 400;

/** Compares the first entries of all units by what they say, and all entries in step. Throws FORMAT_*. */
export function compareDwarf(left: DwarfSide, right: DwarfSide): DwarfFindings {
  const units = pairUnits(left.units, right.units);
  const tally = emptyTally();
  const cut = left.sections.cut || right.sections.cut;
  const others = cut ? [] : units.pairs.filter((pair) => !compareEntries({ left, right }, pair, tally));
  const roots = rootChanges(units.pairs);
  const producers = roots
    .filter(({ part }) => part === 'producer')
    .map((change) => compareProducers(change, change.of));
  const paths = roots.filter(({ part }) => part === 'folder' || part === 'name' || part === 'split file');
  const plain = roots.filter(({ part }) => part === 'language' || part === 'DWARF version');
  const texts = [...tally.texts.values()].sort(bySides);
  const inOptions = producers.flatMap(({ folders }) => folders);
  const { swaps } = folderSwaps([...paths, ...inOptions, ...texts].sort(bySides));
  const untold = (pair: (typeof paths)[number] | (typeof texts)[number]): boolean => !explains(swaps, pair);
  const fields = [
    ...producers.flatMap((found) => found.fields),
    ...plain.map(rootField),
    ...swapFields(swaps),
    ...paths.filter(untold).map(rootField),
    ...texts.filter(untold).map(textField),
  ];
  const found: Found = {
    units,
    others,
    tally,
    swaps,
    // Options are told of each producer, whether or not it is only their folders that differ.
    onlyFolders:
      !texts.some(untold) && !paths.some(untold) && plain.length === 0 && inOptions.length === producers.length,
    changes: [...roots, ...texts].reduce((sum, { count }) => sum + count, 0),
  };
  const reasons = [...producers.flatMap((each) => each.reasons), ...pathReasons(swaps, paths.filter(untold))];
  return {
    swaps,
    deep: others.length + units.left.length + units.right.length + tally.values.size > 0,
    explanations: [
      { kind: 'fields', fields: fields.slice(0, FIELDS) },
      ...(fields.length > FIELDS ? [note(`${fields.length - FIELDS} more values differ`)] : []),
      ...unpaired(units),
      ...distinct(reasons).map((reason) => ({ kind: 'reason', reason }) as const),
      ...(cut ? [note('too long to be held: only what units say of themselves was compared')] : summarize(found)),
    ],
  };
}

type Found = {
  readonly units: UnitPairs;
  /** Units whose entries are not the same in kind and number. */
  readonly others: readonly UnitPair[];
  readonly tally: EntryTally;
  readonly swaps: readonly FolderSwap[];
  readonly onlyFolders: boolean;
  readonly changes: number;
};

function note(text: string): Explanation {
  return { kind: 'note', text };
}

function textField({
  attribute,
  left,
  right,
  count,
}: {
  attribute: number;
  left: string;
  right: string;
  count: number;
}): FieldChange {
  const shown = (text: string): string => shorten(escapeName(text), SHOWN);
  return { name: `${dwarfAttribute(attribute)} of ${count} entries`, left: shown(left), right: shown(right) };
}

function pathReasons(
  swaps: readonly FolderSwap[],
  paths: readonly { left: string; right: string }[],
): readonly Reason[] {
  const [first] = [...swaps, ...paths];
  if (first === undefined) return [];
  const shown = (text: string): string => shorten(escapeName(text), 200);
  const evidence = 'debug information names the folders of the build';
  return [{ kind: 'path', evidence, left: shown(first.left), right: shown(first.right) }];
}

/** One of each kind: many producers differ alike. */
function distinct(reasons: readonly Reason[]): readonly Reason[] {
  const told = new Map<string, Reason>();
  for (const reason of reasons) if (!told.has(reason.kind)) told.set(reason.kind, reason);
  return [...told.values()];
}

/** The units of one side alone, by name. */
function* unpaired({ pairs, left, right }: UnitPairs): Generator<Explanation> {
  if (left.length + right.length === 0) return;
  const [old, now] = [pairs.length + left.length, pairs.length + right.length].map(String) as [string, string];
  yield { kind: 'fields', fields: [{ name: 'units', left: old, right: now }] };
  const lines = (units: readonly DwarfUnit[]): string[] =>
    units.slice(0, LINES).map(({ root, kind }) => escapeName(root.name ?? `a ${kind} unit`));
  yield { kind: 'lines', title: 'units of one side', left: lines(left), right: lines(right) };
  const more = Math.max(0, left.length - LINES) + Math.max(0, right.length - LINES);
  if (more > 0) yield note(`${more} more units are on one side only`);
}

/** The one sentence, and what was counted. */
function* summarize({ units, others, tally, swaps, onlyFolders, changes }: Found): Generator<Explanation> {
  const elsewhere =
    tally.elsewhere +
    units.pairs.reduce((sum, { left, right }) => sum + left.root.elsewhere.length + right.root.elsewhere.length, 0);
  if (elsewhere > 0) yield note(`texts that stand in another file (dwz), or outside of their table: ${elsewhere}`);
  if (tally.texts.size > TEXTS) yield note('more texts of entries differ than are told apart');
  const values = [...tally.values].sort((one, other) => other[1] - one[1] || one[0] - other[0]);
  if (values.length > 0) {
    const told = values.slice(0, 10).map(([attribute, count]) => `${dwarfAttribute(attribute)} ${count}`);
    yield note(`values that differ in entries alike: ${told.join(', ')}${values.length > 10 ? ', …' : ''}`);
  }
  const alone = units.left.length + units.right.length;
  const say = (text: string): Explanation => ({ kind: 'detail', text: `content differs: ${text}` });
  if (others.length > 0) {
    const labels = [...new Set(others.map(unitLabel))].sort(byBytes);
    const names = labels.slice(0, LABELS).map((label) => shorten(escapeName(label), 200));
    yield note(`units of other entries: ${names.join(', ')}${labels.length > LABELS ? ', …' : ''}`);
  }
  if (others.length + alone > 0) {
    yield say(
      `units of other entries: ${others.length} of ${units.pairs.length}${alone > 0 ? `, and ${alone} of one side only` : ''}`,
    );
  } else if (values.length > 0) {
    yield say('the same units and entries, in some of which values differ');
    if (changes === 0 && values.every(([attribute]) => PLACES.has(dwarfAttribute(attribute))))
      yield reasonOf('addresses', 'the same entries, of which only addresses and places in other tables differ');
  } else if (changes === 0 && elsewhere > 0) yield say('the same units and entries, as far as their texts stand here');
  else if (changes === 0) {
    yield say('the same units and entries; only where their texts stand, or how they are numbered, differs');
    yield reasonOf('layout', 'the same entries, whose texts stand elsewhere');
  } else if (onlyFolders && swaps.length > 0 && tally.texts.size <= TEXTS)
    yield say(`the same units and entries, but for folders in ${counted(changes)}`);
  else yield say(`the same units and entries, but for ${counted(changes)}`);
}

function reasonOf(kind: Reason['kind'], evidence: string): Explanation {
  return { kind: 'reason', reason: { kind, evidence } };
}

/** Attributes whose values are nothing but addresses, or offsets of other tables. */
const PLACES = new Set(
  'low_pc ranges stmt_list entry_pc call_pc call_return_pc macros GNU_macros loclists_base rnglists_base addr_base str_offsets_base GNU_ranges_base GNU_addr_base'.split(
    ' ',
  ),
);
