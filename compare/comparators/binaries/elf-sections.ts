import {
  type ElfSection,
  elfAddress,
  elfHeaderValues,
  elfSectionForm,
  elfSegmentKind,
  elfSegmentLine,
  SHT_NOBITS,
} from '../../../formats/index.ts';
import type { Difference, DifferenceSide, FieldChange } from '../../../model/index.ts';
import { gather } from '../../leaf.ts';
import { byBytes, changedFields } from '../../pairing.ts';
import { type Context, differenceNode, type Explanation } from '../../types.ts';
import { bytes } from './bytes.ts';
import { isOnlyLinkage } from './elf-linkage.ts';
import type { ElfPair } from './elf-pair.ts';
import { explainSection, isDerived, isNamedOtherwise } from './elf-section-kinds.ts';
import { type ElfPiece, type ElfSide, pieceDigest } from './elf-side.ts';
import { sameTarget } from './elf-targets.ts';

const ET_REL = 1;
const SHF_ALLOC = 2n;
const SHF_EXECINSTR = 4n;
const SHT_NOTE = 7;
/** Symbol tables, and the tables of names. */
const NAMES = new Set([2, 3, 11]);

/** What the pieces of two files say before they are looked into. */
export type ElfOverview = {
  /** Names of the pieces that differ, sorted. */
  readonly differing: readonly string[];
  readonly count: number;
  /** Sections of equal content at another place. */
  readonly moved: number;
  readonly order: FieldChange | undefined;
};

export function overviewOf({ left, right, changed }: ElfPair): ElfOverview {
  const names = [...new Set([...left.pieces.keys(), ...right.pieces.keys()])].sort(byBytes);
  const differing: string[] = [];
  let moved = 0;
  for (const name of names) {
    const [old, now] = [left.pieces.get(name), right.pieces.get(name)];
    if (old === undefined || now === undefined || changed.has(name) || formOf(old) !== formOf(now))
      differing.push(name);
    else if (placeOf(old) !== placeOf(now)) moved++;
  }
  return { differing, count: names.length, moved, order: orderOf(left.names.slice(1), right.names.slice(1)) };
}

function formOf(piece: ElfPiece | undefined): string {
  return piece?.section === undefined ? '' : elfSectionForm(piece.section);
}

function placeOf(piece: ElfPiece | undefined): string {
  const section = piece?.section;
  return section === undefined ? '' : `${section.address} ${section.offset}`;
}

/** Tells of a derived section whether something differs that it may follow from. */
export type Cause = (piece: ElfPiece) => boolean;

/**
 * Code or data that differs is the cause of debug information made of it. What is loaded follows from code, symbols and
 * the layout alone: from a constant that differs in its place nothing does.
 */
export function causeOf({ left, right }: ElfPair, { differing, moved }: ElfOverview): Cause {
  const pairs = differing.map((name) => [left.pieces.get(name), right.pieces.get(name)] as const);
  const isOne = (one: (section: ElfSection) => boolean) => (piece: ElfPiece | undefined) =>
    piece?.section !== undefined && one(piece.section);
  const isLoaded = isOne(({ flags, type }) => (flags & SHF_ALLOC) !== 0n && type !== SHT_NOTE);
  const causes = pairs.filter((pieces) => pieces.some((piece) => isLoaded(piece) && !isDerived(piece as ElfPiece)));
  const isCodeOrSymbols = isOne(({ flags, type }) => (flags & SHF_EXECINSTR) !== 0n || NAMES.has(type));
  const places =
    moved > 0 ||
    causes.some(([old, now]) => placeOf(old) !== placeOf(now) || old?.size !== now?.size) ||
    causes.some((pieces) => pieces.some(isCodeOrSymbols));
  return (piece) => causes.length > 0 && (places || !isLoaded(piece));
}

/** True where the section has content on one side alone: a file of detached debug information has none of what is loaded. */
export function isContentAlone(left: ElfPiece | undefined, right: ElfPiece | undefined): boolean {
  if (left?.section === undefined || right?.section === undefined) return false;
  return (left.section.type === SHT_NOBITS) !== (right.section.type === SHT_NOBITS);
}

/** What explains two executable sections that differ. */
export type Code = (left: ElfPiece, right: ElfPiece) => AsyncIterable<Explanation>;

/** True for sections of instructions. */
function isCode({ section }: ElfPiece): boolean {
  return section !== undefined && section.type === 1 && (section.flags & 4n) !== 0n;
}

/** The node of one piece that differs. Throws ELF_*. */
export async function sectionNode(
  pair: ElfPair,
  name: string,
  { cause, context, code }: { readonly cause: Cause; readonly context: Context; readonly code: Code },
): Promise<Difference> {
  const [left, right] = [pair.left.pieces.get(name), pair.right.pieces.get(name)];
  const sides = {
    ...(left === undefined ? {} : { left: await sideOf(pair.left, left) }),
    ...(right === undefined ? {} : { right: await sideOf(pair.right, right) }),
  };
  const node = differenceNode(name, 'elf-section', sides);
  if (left === undefined || right === undefined) {
    const form = formOf(left ?? right);
    const fields = form === '' ? [] : [{ name: 'form', ...(left === undefined ? { right: form } : { left: form }) }];
    return { ...node, detail: 'only on one side', ...(fields.length === 0 ? {} : { fields }) };
  }
  if (isContentAlone(left, right)) {
    const fields = [{ name: 'form', left: formOf(left), right: formOf(right) }];
    return { ...node, detail: 'content only on one side', fields };
  }
  const found = await gather(
    explainPiece(pair, [left, right], { cause, code }),
    { depth: 0, walkPart: (part) => bytesNode(part, context) },
    context,
  );
  const { declined: _, left: oldText, right: nowText, ...findings } = found;
  return {
    ...node,
    ...findings,
    left: { ...sides.left, ...oldText },
    right: { ...sides.right, ...nowText },
    detail: findings.detail ?? (pair.changed.has(name) ? 'content differs' : 'equal content, other header'),
  };
}

/** Where the bytes of two parts differ. They are known to. */
async function bytesNode(
  part: { readonly path: string; readonly left: ElfSide['source']; readonly right: ElfSide['source'] },
  context: Context,
): Promise<Difference | undefined> {
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  const found = await gather(bytes.explain(part.left, part.right, context), { depth: 0, walkPart: nothing }, context);
  const { declined: _, ...findings } = found;
  return { ...differenceNode(part.path, 'bytes'), ...findings };
}

async function* explainPiece(
  pair: ElfPair,
  [left, right]: readonly [ElfPiece, ElfPiece],
  { cause, code }: { readonly cause: Cause; readonly code: Code },
): AsyncGenerator<Explanation> {
  if (left.section === undefined) {
    yield* left.name === '(file header)' ? explainHeader(pair) : explainSegments(pair);
    return;
  }
  yield { kind: 'fields', fields: [{ name: 'form', left: formOf(left), right: formOf(right) }] };
  if (!pair.changed.has(left.name)) return;
  const follows = isDerived(left) && cause(left) && !isNamedOtherwise(pair, left.name);
  if (follows && (await isOnlyLinkage(pair, left.name))) {
    yield {
      kind: 'detail',
      text: 'content differs, as it does where code, symbols or their places differ: it is not shown',
    };
    return;
  }
  if (isCode(left) && isCode(right)) yield* code(left, right);
  yield* explainSection(pair, [left, right]);
}

async function* explainHeader(pair: ElfPair): AsyncGenerator<Explanation> {
  const { left, right } = pair;
  const { entry: oldEntry, ...old } = elfHeaderValues(left.file);
  const { entry: nowEntry, ...now } = elfHeaderValues(right.file);
  const fields = changedFields(old, now);
  yield { kind: 'fields', fields: [...fields, { name: 'entry', left: oldEntry ?? '', right: nowEntry ?? '' }] };
  if (oldEntry !== nowEntry && (await isElsewhere(pair))) {
    const evidence = 'the entry address is another place in the code';
    yield { kind: 'reason', reason: { kind: 'code', evidence } };
    return;
  }
  if (fields.length > 0) return;
  yield { kind: 'detail', text: 'only places and sizes of what it points to differ' };
  yield {
    kind: 'reason',
    reason: { kind: 'addresses', evidence: 'only offsets, counts and the entry address differ' },
  };
}

/** Of a place in equal code, or at which another function begins: no layout made that of it. */
async function isElsewhere(pair: ElfPair): Promise<boolean> {
  if (pair.left.file.type === ET_REL || pair.right.file.type === ET_REL) return false;
  const same = await sameTarget(pair);
  return same(elfAddress(pair.left.file.entry), elfAddress(pair.right.file.entry)) === false;
}

function* explainSegments({ left, right }: ElfPair): Generator<Explanation> {
  const kinds = (side: ElfSide): string => side.file.segments.map(elfSegmentKind).join('\n');
  const lines = (side: ElfSide): string[] => side.file.segments.map(elfSegmentLine);
  yield { kind: 'lines', left: lines(left), right: lines(right) };
  if (kinds(left) === kinds(right))
    yield {
      kind: 'reason',
      reason: { kind: 'addresses', evidence: 'the same segments at other places or of other sizes' },
    };
}

async function sideOf(side: ElfSide, piece: ElfPiece): Promise<DifferenceSide> {
  const sha256 = await pieceDigest(side, piece);
  return { size: piece.size, ...(sha256 === undefined ? {} : { sha256 }) };
}

/** The stretch of the section order that differs, among the names both sides have. */
function orderOf(old: readonly string[], now: readonly string[]): FieldChange | undefined {
  const [oldNames, nowNames] = [new Set(old), new Set(now)];
  const left = old.filter((name) => nowNames.has(name));
  const right = now.filter((name) => oldNames.has(name));
  const start = left.findIndex((name, index) => name !== right[index]);
  if (start < 0) return undefined;
  const end = left.length - left.toReversed().findIndex((name, index) => name !== right[right.length - 1 - index]);
  const stretch = (names: readonly string[]): string => names.slice(start, Math.min(end, start + 5)).join(' ');
  return { name: 'order of sections', left: stretch(left), right: stretch(right) };
}
