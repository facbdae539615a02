import { createHash } from 'node:crypto';
import {
  type ByteRange,
  type ElfFile,
  type ElfLimits,
  readElf,
  readRanges,
  SHT_NOBITS,
} from '../../../formats/index.ts';
import { type DifferenceSide, type FieldChange, ReproofError, type Sha256 } from '../../../model/index.ts';
import { escapeName } from '../../escape.ts';
import { bothOf } from '../../identity.ts';
import { byBytes } from '../../pairing.ts';
import { type ByteSource, differenceNode, type Explanation, type LeafComparator } from '../../types.ts';

const LIMITS: ElfLimits = { sections: 100_000, nameBytes: 16 * 2 ** 20, noteBytes: 2 ** 20 };
const TEXT_BYTES = 4096;
/** Sections of strings that are shown as such: the compiler's name, the dynamic linker, the debug file. */
const SHOWN_AS_TEXT = new Set(['.comment', '.interp', '.gnu_debuglink']);

/** ELF files: which sections differ in content, order, size; which are gone or new; the build-id. */
export const elf: LeafComparator = {
  kind: 'leaf',
  id: 'elf',
  recognizes: (head) => Buffer.from(head.subarray(0, 4)).toString('latin1') === '\x7fELF',
  async *explain(left, right) {
    const [old, now] = await bothOf(readPieces(left), readPieces(right));
    yield* describe(old, now);
  },
};

type Piece = { readonly size: number; readonly sha256: Sha256; readonly text?: string; readonly place: string };
type Pieces = {
  readonly file: ElfFile;
  readonly pieces: ReadonlyMap<string, Piece>;
  readonly order: readonly string[];
};

async function readPieces(source: ByteSource): Promise<Pieces> {
  const file = await readElf(() => source.open(), LIMITS);
  const seen = new Map<string, number>();
  const sections = file.sections.slice(1).map((section) => {
    const count = (seen.get(section.name) ?? 0) + 1;
    seen.set(section.name, count);
    const name = count === 1 ? escapeName(section.name) : `${escapeName(section.name)} (${count})`;
    return { name, range: { offset: section.offset, size: section.type === SHT_NOBITS ? 0 : section.size }, section };
  });
  const ranges = [
    { offset: 0, size: file.headerBytes },
    file.programHeaders,
    ...sections.map((section) => section.range),
  ];
  const digests = await digestRanges(source, ranges);
  const texts = await readTexts(source, sections);
  const pieces = new Map<string, Piece>();
  ['(file header)', '(program headers)'].forEach((name, index) => {
    pieces.set(name, { size: ranges[index]?.size ?? 0, sha256: digests[index] as Sha256, place: '' });
  });
  sections.forEach(({ name, section }, index) => {
    const text = texts.get(name);
    const place = `${section.address.toString(16)} ${section.offset.toString(16)}`;
    pieces.set(name, {
      size: section.size,
      sha256: digests[index + 2] as Sha256,
      place,
      ...(text === undefined ? {} : { text }),
    });
  });
  return { file, pieces, order: sections.map((section) => section.name) };
}

async function digestRanges(source: ByteSource, ranges: readonly ByteRange[]): Promise<readonly Sha256[]> {
  const end = Math.max(...ranges.map((range) => range.offset + range.size));
  // Sections of a sound file do not overlap; many that do would be hashed many times over.
  if (ranges.reduce((sum, range) => sum + range.size, 0) > 4 * end)
    throw new ReproofError('ELF_MALFORMED', `reading sections of ELF file ${source.name}: they overlap`);
  const hashes = ranges.map(() => createHash('sha256'));
  const reached = await readRanges(source.open(), ranges, (index, bytes) => hashes[index]?.update(bytes));
  if (reached < end)
    throw new ReproofError(
      'ELF_MALFORMED',
      `reading section content of ELF file at byte ${reached}: the file ends inside it`,
    );
  return hashes.map((hash) => hash.digest('hex'));
}

async function readTexts(
  source: ByteSource,
  sections: readonly { readonly name: string; readonly range: ByteRange }[],
): Promise<ReadonlyMap<string, string>> {
  const wanted = sections.filter(({ name, range }) => SHOWN_AS_TEXT.has(name) && range.size <= TEXT_BYTES);
  const contents = wanted.map(() => Buffer.alloc(0));
  await readRanges(
    source.open(),
    wanted.map((section) => section.range),
    (index, bytes) => {
      contents[index] = Buffer.concat([contents[index] as Buffer, bytes]);
    },
  );
  // The checksum after the name in .gnu_debuglink is no text.
  const shown = (content: Buffer, name: string): string =>
    content
      .toString('latin1')
      .split('\0')
      .filter((part, index) => part !== '' && (index === 0 || name !== '.gnu_debuglink'))
      .map(escapeName)
      .join(', ');
  return new Map(wanted.map(({ name }, index) => [name, shown(contents[index] as Buffer, name)]));
}

function* describe(old: Pieces, now: Pieces): Generator<Explanation> {
  const names = [...new Set([...old.pieces.keys(), ...now.pieces.keys()])].sort(byBytes);
  const differing: string[] = [];
  let moved = 0;
  for (const name of names) {
    const [left, right] = [old.pieces.get(name), now.pieces.get(name)];
    if (left?.sha256 === right?.sha256 && left?.size === right?.size) {
      if (left?.place !== right?.place) moved++;
      continue;
    }
    differing.push(name);
    const node = differenceNode(name, 'elf-section', {
      ...(left === undefined ? {} : { left: sideOf(left, name, old.file) }),
      ...(right === undefined ? {} : { right: sideOf(right, name, now.file) }),
    });
    const detail = left === undefined || right === undefined ? 'only on one side' : 'content differs';
    yield { kind: 'child', difference: { ...node, detail } };
  }
  const order = orderNote(old.order, now.order);
  if (order !== undefined) {
    yield { kind: 'fields', fields: [order] };
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'sections in another order' } };
  }
  if (old.file.buildId !== now.file.buildId) yield { kind: 'fields', fields: [buildIds(old, now)] };
  if (moved > 0) yield { kind: 'note', text: `sections of equal content at another address or offset: ${moved}` };
  yield {
    kind: 'detail',
    text:
      differing.length === 0
        ? 'all sections hold the same bytes; the rest of the file differs'
        : `differing pieces: ${differing.length} of ${names.length}`,
  };
}

function buildIds(old: Pieces, now: Pieces): FieldChange {
  const [left, right] = [old.file.buildId, now.file.buildId];
  return { name: 'build-id', ...(left === undefined ? {} : { left }), ...(right === undefined ? {} : { right }) };
}

function sideOf(piece: Piece, name: string, file: ElfFile): DifferenceSide {
  const text = name === '.note.gnu.build-id' ? file.buildId : piece.text;
  return { size: piece.size, sha256: piece.sha256, ...(text === undefined ? {} : { text }) };
}

/** The stretch of the section order that differs, among the names both sides have. */
function orderNote(old: readonly string[], now: readonly string[]): FieldChange | undefined {
  const [oldNames, nowNames] = [new Set(old), new Set(now)];
  const left = old.filter((name) => nowNames.has(name));
  const right = now.filter((name) => oldNames.has(name));
  const start = left.findIndex((name, index) => name !== right[index]);
  if (start < 0) return undefined;
  const end = left.length - left.toReversed().findIndex((name, index) => name !== right[right.length - 1 - index]);
  const stretch = (names: readonly string[]): string => names.slice(start, Math.min(end, start + 5)).join(' ');
  return { name: 'order of sections', left: stretch(left), right: stretch(right) };
}
