import {
  type ElfNote,
  elfNoteLine,
  elfString,
  parseElfNotes,
  parseGoBuildInfo,
  SHT_NOBITS,
  zeroEnded,
} from '../../../formats/index.ts';
import type { FieldChange } from '../../../model/index.ts';
import { bufferSource } from '../../buffer-source.ts';
import { escapeName } from '../../escape.ts';
import { bothOf, ofBoth } from '../../identity.ts';
import type { Explanation } from '../../types.ts';
import { bookOf, isUnchanged, sameAddress } from './elf-addresses.ts';
import { explainTypes } from './elf-btf.ts';
import { explainData } from './elf-data.ts';
import { explainDebug } from './elf-debug.ts';
import { isOtherLink, OTHER_LINK, otherSettings } from './elf-go.ts';
import { readDynamic } from './elf-linking.ts';
import { explainPackageNotes } from './elf-package-note.ts';
import type { ElfPair } from './elf-pair.ts';
import { explainRelocations } from './elf-relocations.ts';
import { type ElfPiece, type ElfSide, pieceBytes } from './elf-side.ts';
import { explainNames, explainSymbols } from './elf-symbols.ts';
import { explainStrings, stringsWithout } from './elf-text.ts';
import { readVersions } from './elf-versions.ts';
import { explainRust } from './rust-metadata.ts';

const SHT = {
  symtab: 2,
  strtab: 3,
  rela: 4,
  dynamic: 6,
  note: 7,
  rel: 9,
  dynsym: 11,
  verneed: 0x6ffffffe,
  verdef: 0x6ffffffd,
};
const SHF_EXECINSTR = 4n;
const SHF_STRINGS = 0x20n;

/** Sections that are made from others: what differs there follows from code, symbols or their places. */
const DERIVED = new RegExp(
  [
    '^\\.(?:eh_frame(?:_hdr)?|gcc_except_table|hash|gnu\\.hash|gnu\\.version|plt(?:\\.got|\\.sec)?|got(?:\\.plt)?|relr\\.dyn',
    'ARM\\.exidx|ARM\\.extab|sframe|orc_unwind(?:_ip|_header)?|symtab_shndx|strtab|shstrtab',
    'debug_(?:aranges|loc|loclists|ranges|rnglists|abbrev|addr|frame|names|pubnames|pubtypes|gnu_pubnames|gnu_pubtypes|str_offsets|types|macro))$',
  ].join('|'),
);

/** True for a section that says nothing of its own where its file differs in code or data. */
export function isDerived(piece: ElfPiece): boolean {
  return DERIVED.test(piece.name);
}

/** What gives symbols their names and versions, by the table that it does so for. */
const NAMING: Readonly<Record<string, '.symtab' | '.dynsym'>> = {
  '.strtab': '.symtab',
  '.dynstr': '.dynsym',
  '.gnu.version': '.dynsym',
};

/** True where a table of symbols is equal, but not what names them: then only this section tells what differs. */
export function isNamedOtherwise(pair: ElfPair, name: string): boolean {
  const table = NAMING[name];
  return table !== undefined && isUnchanged(pair, table);
}

/** Sections of which both sides have different bytes, explained by their kind. Throws ELF_*. */
export async function* explainSection(
  pair: ElfPair,
  pieces: readonly [ElfPiece, ElfPiece],
): AsyncGenerator<Explanation> {
  const [left, right] = pieces;
  const [old, now] = [left.section, right.section];
  if (left.name.startsWith('.debug_')) {
    const evidence = 'a section of debug information';
    yield { kind: 'reason', reason: { kind: 'debug-info', evidence } };
  }
  if (old === undefined || now === undefined || old.type !== now.type || old.type === SHT_NOBITS) return;
  if (/^\.(?:debug_|gnu_debugaltlink$)/.test(left.name) && (yield* explainDebug(pair, pieces))) return;
  switch (old.type) {
    case SHT.symtab:
    case SHT.dynsym:
      if (left.name === '.symtab' || left.name === '.dynsym') yield* explainSymbols(pair, left.name);
      return;
    case SHT.rel:
    case SHT.rela:
      yield* explainRelocations(pair, pieces);
      return;
    case SHT.dynamic:
      yield* explainDynamic(pair, pieces);
      return;
    case SHT.note:
      yield* explainNotes(pair, pieces);
      return;
    case SHT.verneed:
    case SHT.verdef: {
      const name = old.type === SHT.verneed ? '.gnu.version_r' : '.gnu.version_d';
      const [one, other] = await bothOf(readVersions(pair.left, name), readVersions(pair.right, name));
      yield { kind: 'lines', left: one.lines.map(escapeName), right: other.lines.map(escapeName) };
      if (one.lines.join('\n') === other.lines.join('\n'))
        yield {
          kind: 'detail',
          text: 'content differs: the same versions, of other flags or digests, or named at other places of their table',
        };
      return;
    }
    default:
  }
  const named = NAMING[left.name];
  if (named !== undefined && isUnchanged(pair, named) && (yield* explainNames(pair, named))) return;
  if (/^\.(?:rmeta|rustc)$/.test(left.name)) yield* explainRust(pair, pieces);
  if (left.name === '.BTF') yield* explainTypes(pair, pieces);
  else if (left.name === '.gnu_debuglink') yield* explainDebugLink(pair, pieces);
  else if (left.name === '.go.buildinfo') yield* explainGo(pair, pieces);
  else if (
    old.type === SHT.strtab ||
    (old.flags & SHF_STRINGS & now.flags) !== 0n ||
    /^\.(?:interp|modinfo)$/.test(left.name)
  )
    yield* explainStringTable(pair, pieces);
  else if ((old.flags & now.flags & SHF_EXECINSTR) === 0n) yield* explainData(pair, pieces);
}

/** Bytes of a table whose strings are compared, per side. */
const STRING_BYTES = 16 * 2 ** 20;

type Pieces = readonly [ElfPiece, ElfPiece];

async function bothBytes(
  pair: ElfPair,
  [left, right]: Pieces,
  limit?: number,
): Promise<readonly [Buffer, Buffer] | undefined> {
  const [old, now] = await bothOf(pieceBytes(pair.left, left, limit), pieceBytes(pair.right, right, limit));
  return old === undefined || now === undefined ? undefined : [old, now];
}

const TOO_LARGE = { kind: 'note', text: 'too large to be explained' } as const;

async function* explainStringTable(pair: ElfPair, pieces: Pieces): AsyncGenerator<Explanation> {
  const found = await bothBytes(pair, pieces, STRING_BYTES);
  if (found === undefined) {
    yield TOO_LARGE;
    return;
  }
  if (found[0].equals(found[1])) {
    yield { kind: 'detail', text: 'equal once unpacked' };
    yield { kind: 'reason', reason: { kind: 'compression', evidence: 'the unpacked content is equal' } };
    return;
  }
  const [old, now] = found.map(zeroEnded) as [string[], string[]];
  const told = [...explainStrings(old, now)];
  yield* told;
  if (told.length === 0) yield* explainOrder(pieces[0].name, found, [old, now]);
  const own = [...stringsWithout(old, now), ...stringsWithout(now, old)];
  // #ident puts any text there.
  const isDated = told.some((found) => found.kind === 'reason' && found.reason.kind === 'timestamp');
  if (pieces[0].name === '.comment' && !isDated && own.some((text) => /\d\.\d/.test(text)))
    yield {
      kind: 'reason',
      reason: {
        kind: 'version-text',
        evidence: 'what the compiler and linker say of themselves',
        left: escapeName(old.join(', ')).slice(0, 500),
        right: escapeName(now.join(', ')).slice(0, 500),
      },
    };
}

/** Texts of which no side has one that the other has not: where they stand. */
function* explainOrder(
  name: string,
  [left, right]: readonly [Buffer, Buffer],
  [old, now]: readonly [readonly string[], readonly string[]],
): Generator<Explanation> {
  if (old.join('\0') !== now.join('\0')) {
    yield { kind: 'note', text: 'the same strings in another order' };
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'the same strings in another order' } };
  }
  yield { kind: 'part', name, left: bufferSource(name, left), right: bufferSource(name, right) };
}

async function* explainDynamic(pair: ElfPair, [left, right]: Pieces): AsyncGenerator<Explanation> {
  const [old, now] = await bothOf(readDynamic(pair.left, left), readDynamic(pair.right, right));
  const places = (entries: typeof old): Map<string, number> =>
    new Map(entries.filter((entry) => entry.address).map((entry) => [entry.tag, Number(entry.value)]));
  const [before, after] = [places(old), places(now)];
  const same = await sameAddress(pair);
  const elsewhere = new Set(
    [...before].flatMap(([tag, value]) => (same(value, after.get(tag) ?? value) === false ? [tag] : [])),
  );
  const [book, otherBook] = await bothOf(bookOf(pair, pair.left), bookOf(pair, pair.right));
  const lines = (entries: typeof old, named: typeof book): string[] =>
    entries.map(({ tag, value, address }) => {
      if (!address) return `${tag} ${escapeName(value)}`;
      return elsewhere.has(tag) ? `${tag} ${named(Number(value)) ?? value}` : tag;
    });
  yield { kind: 'lines', left: lines(old, book), right: lines(now, otherBook) };
  const isMoved = ([tag, value]: readonly [string, number]): boolean =>
    after.has(tag) && after.get(tag) !== value && !elsewhere.has(tag);
  const moved = [...before].filter(isMoved).length;
  if (moved > 0) yield { kind: 'note', text: `${moved} ${moved === 1 ? 'address' : 'addresses'} only moved` };
}

async function* explainNotes(pair: ElfPair, pieces: Pieces): AsyncGenerator<Explanation> {
  const found = await bothBytes(pair, pieces);
  if (found === undefined) {
    yield TOO_LARGE;
    return;
  }
  const notes = (side: ElfSide, { section }: ElfPiece, bytes: Buffer): readonly ElfNote[] =>
    section === undefined ? [] : parseElfNotes(section, bytes, side.file);
  const [former, latter] = ofBoth(
    [pair.left, pieces[0], found[0]] as const,
    [pair.right, pieces[1], found[1]] as const,
    (one) => notes(...one),
  );
  yield* explainPackageNotes(former, latter);
  const old = former.map((note) => escapeName(elfNoteLine(note, pair.left.file)));
  const now = latter.map((note) => escapeName(elfNoteLine(note, pair.right.file)));
  yield { kind: 'lines', left: old, right: now };
  const [before, after] = [new Set(old), new Set(now)];
  const differing = [...old.filter((line) => !after.has(line)), ...now.filter((line) => !before.has(line))];
  if (isOtherLink(differing)) yield { kind: 'reason', reason: OTHER_LINK };
  else if (differing.length > 0 && differing.every((line) => /^(?:build-id|Go build id)/.test(line)))
    yield { kind: 'reason', reason: { kind: 'build-id', evidence: 'a digest that the linker made of the whole' } };
}

async function* explainDebugLink(pair: ElfPair, pieces: Pieces): AsyncGenerator<Explanation> {
  const found = await bothBytes(pair, pieces);
  if (found === undefined) {
    yield TOO_LARGE;
    return;
  }
  const read = (bytes: Buffer): { name: string; checksum: string } => ({
    name: escapeName(elfString(bytes, 0)),
    checksum: bytes.subarray(-4).toString('hex'),
  });
  const [old, now] = [read(found[0]), read(found[1])];
  const fields: FieldChange[] = [
    { name: 'debug file', left: old.name, right: now.name },
    { name: 'checksum of the debug file', left: old.checksum, right: now.checksum },
  ];
  yield { kind: 'fields', fields };
  const evidence = 'it names the file of debug information, and its checksum';
  yield { kind: 'reason', reason: { kind: old.name === now.name ? 'checksum' : 'build-id', evidence } };
}

async function* explainGo(pair: ElfPair, pieces: Pieces): AsyncGenerator<Explanation> {
  const found = await bothBytes(pair, pieces);
  const [old, now] = found === undefined ? [] : ofBoth(...found, parseGoBuildInfo);
  if (old === undefined || now === undefined) {
    yield* explainData(pair, pieces);
    return;
  }
  yield {
    kind: 'fields',
    fields: [{ name: 'Go version', left: escapeName(old.version), right: escapeName(now.version) }],
  };
  yield { kind: 'lines', left: old.lines.map(escapeName), right: now.lines.map(escapeName) };
  if (old.version !== now.version)
    yield { kind: 'reason', reason: { kind: 'version-text', evidence: 'the Go compiler that is named' } };
  for (const reason of otherSettings(old, now)) yield { kind: 'reason', reason };
}
