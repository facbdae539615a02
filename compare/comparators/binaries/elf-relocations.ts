import { ElfRelocations, elfSymbolName, STT_SECTION } from '../../../formats/index.ts';
import { type ByteSource, rangeSource } from '../../byte-source.ts';
import { bothOf } from '../../identity.ts';
import { byBytes } from '../../pairing.ts';
import type { Explanation } from '../../types.ts';
import type { ElfPair } from './elf-pair.ts';
import { differingEntries, linesOfBoth, type RelocationTable } from './elf-relocation-entries.ts';
import { type ElfPiece, type ElfSide, linkedNames, pieceBytes, readSymbols, sectionLabel } from './elf-side.ts';
import { counted } from './elf-symbols.ts';

const SHT_RELA = 4;
const TOLD = 2_000;
/** Characters of the words for all kinds of one side: very many symbols may stand for a section of one long name. */
const LABEL_CHARACTERS = 64 * 2 ** 20;

/** Names of the types that are met most, x86-64 psABI 4.4; others are told by number. */
const X86_64: Readonly<Record<number, string>> = {
  1: '64',
  2: 'PC32',
  4: 'PLT32',
  5: 'COPY',
  6: 'GLOB_DAT',
  7: 'JUMP_SLOT',
  8: 'RELATIVE',
  9: 'GOTPCREL',
  10: '32',
  11: '32S',
  16: 'DTPMOD64',
  17: 'DTPOFF64',
  18: 'TPOFF64',
  24: 'PC64',
  37: 'IRELATIVE',
  41: 'GOTPCRELX',
  42: 'REX_GOTPCRELX',
};

/** Relocations compared by type and symbol: how many there are of each, and of as many what each refers to. */
export async function* explainRelocations(
  pair: ElfPair,
  [old, now]: readonly [ElfPiece, ElfPiece],
): AsyncGenerator<Explanation> {
  const [one, other] = await bothOf(countRelocations(pair.left, old), countRelocations(pair.right, now));
  if (one === undefined || other === undefined) {
    yield { kind: 'note', text: 'too large to be compared by symbol' };
    return;
  }
  const [left, right] = [one.counts, other.counts];
  const names = [...new Set([...left.keys(), ...right.keys()])]
    .filter((name) => left.get(name) !== right.get(name))
    .sort(byBytes);
  const lines = (side: ReadonlyMap<string, number>): string[] =>
    names.slice(0, TOLD).flatMap((name) => (side.has(name) ? [`${name}: ${counted(side.get(name) ?? 0)}`] : []));
  if (names.length > 0) yield { kind: 'lines', left: lines(left), right: lines(right) };
  if (names.length > TOLD) yield { kind: 'note', text: `${names.length - TOLD} more kinds of relocation differ` };
  if (names.length > 0) return;
  const ordered = sameOrder(one, other);
  if (!ordered) yield { kind: 'note', text: 'as many relocations of each type and symbol, in another order' };
  const apart = await differingEntries(pair, { left: one, right: other }, ordered);
  if (apart !== undefined && apart.length > 0) {
    const lines = await linesOfBoth(pair, { left: one, right: other }, apart.slice(0, TOLD));
    yield { kind: 'lines', title: 'what they refer to', ...lines };
    if (apart.length > TOLD) yield { kind: 'note', text: `${counted(apart.length - TOLD)} more relocations differ` };
  }
  if (apart === undefined || apart.length > 0) return;
  if (!ordered) {
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'the same relocations in another order' } };
    return;
  }
  if (!isElsewhere(one, other)) {
    if (isRenumbered(one, other))
      yield { kind: 'note', text: 'the same relocations, whose symbols have other numbers' };
    else yield { kind: 'part', name: old.name, left: wholeOf(one), right: wholeOf(other) };
    return;
  }
  yield { kind: 'note', text: 'the same relocations in the same order, at other places or with other addends' };
  yield { kind: 'reason', reason: { kind: 'addresses', evidence: 'the same relocations at other places' } };
}

/** How often each type stands with each symbol, and the words for a relocation's two. */
type Counted = RelocationTable & {
  readonly counts: ReadonlyMap<string, number>;
  readonly labels: ReadonlyMap<number, string>;
};

function keyOf(table: ElfRelocations, index: number): number {
  return table.type(index) * 2 ** 32 + table.symbol(index);
}

/** Of as many relocations of each kind. */
function sameOrder(one: Counted, other: Counted): boolean {
  let before = -1;
  let after = -1;
  for (let index = 0; index < one.table.count; index++) {
    const old = keyOf(one.table, index);
    const now = keyOf(other.table, index);
    if (old === before && now === after) continue;
    if (one.labels.get(old) !== other.labels.get(now)) return false;
    before = old;
    after = now;
  }
  return true;
}

/** True where any stands at another place, or has another addend: after the last whole one bytes may differ, too. */
function isElsewhere({ table }: Counted, { table: other }: Counted): boolean {
  for (let index = 0; index < table.count; index++)
    if (table.offset(index) !== other.offset(index) || table.addend(index) !== other.addend(index)) return true;
  return false;
}

function wholeOf({ side, piece }: Counted): ByteSource {
  return rangeSource(side.source, { name: piece.name, ...piece.range });
}

function isRenumbered({ table }: Counted, { table: other }: Counted): boolean {
  for (let index = 0; index < table.count; index++) if (table.symbol(index) !== other.symbol(index)) return true;
  return false;
}

async function countRelocations(side: ElfSide, piece: ElfPiece): Promise<Counted | undefined> {
  const bytes = await pieceBytes(side, piece);
  if (bytes === undefined) return undefined;
  const table = new ElfRelocations(bytes, piece.section?.type === SHT_RELA, side.file);
  const counts = countKeys(table);
  const linked = linkedNames(side, piece)?.name;
  const symbols = linked === '.symtab' || linked === '.dynsym' ? await readSymbols(side, linked) : undefined;
  const named = new Map<string, number>();
  const labels = new Map<number, string>();
  let characters = 0;
  for (const key of counts.keys()) {
    const count = counts.get(key) as number;
    const type = Math.floor(key / 2 ** 32);
    const symbol = key % 2 ** 32;
    const kind = side.file.machine === 62 ? (X86_64[type] ?? `type ${type}`) : `type ${type}`;
    let name = '';
    if (symbol > 0 && symbols !== undefined && symbol < symbols.count)
      name =
        ((symbols.info[symbol] as number) & 15) === STT_SECTION
          ? ` ${sectionLabel(side, symbols.section[symbol] as number)}`
          : ` ${elfSymbolName(symbols, symbol)}`;
    characters += kind.length + name.length;
    if (characters > LABEL_CHARACTERS) return undefined;
    labels.set(key, kind + name);
    named.set(kind + name, (named.get(kind + name) ?? 0) + count);
  }
  const label = (index: number): string => labels.get(keyOf(table, index)) ?? '';
  return { side, piece, table, symbols, label, counts: named, labels };
}

/** Linkers sort them by symbol: those of one kind follow each other, and are counted at once. */
function countKeys(table: ElfRelocations): Map<number, number> {
  const counts = new Map<number, number>();
  for (let index = 0, start = 0; index < table.count; index++) {
    if (index + 1 < table.count && sameKey(table, index)) continue;
    const key = keyOf(table, index);
    counts.set(key, (counts.get(key) ?? 0) + index + 1 - start);
    start = index + 1;
  }
  return counts;
}

/** True where the next one is of the same kind. */
function sameKey(table: ElfRelocations, index: number): boolean {
  return table.symbol(index) === table.symbol(index + 1) && table.type(index) === table.type(index + 1);
}
