import { createHash } from 'node:crypto';
import { type ByteRange, ByteReader, readRanges } from '../formats/index.ts';
import { type DifferenceSide, ReproofError } from '../model/index.ts';
import { type ByteSource, rangeSource } from './byte-source.ts';
import { escapeText } from './escape.ts';
import { bothOf, identical } from './identity.ts';
import { namedPairs } from './named-pairs.ts';
import { differenceNode, type Explanation } from './types.ts';

/** A named piece of a file: a section, a table. `name` is raw text. */
export type Section = ByteRange & { readonly name: string };
export type Sectioned = { readonly source: ByteSource; readonly sections: readonly Section[] };

/** Bytes of overlapping sections that are read, for every byte of the file. */
const OVERLAP = 4;

/**
 * Hands the sections of both sides to the walk, by name: those that differ become children. Where a source cannot be
 * read from anywhere at once, one pass tells which differ. Of sections that overlap, only the first is looked into: sections
 * inside each other's would be looked into twice as often with each layer. Throws FORMAT_MALFORMED where a section is not
 * in the file.
 */
export async function* sectionParts(left: Sectioned, right: Sectioned): AsyncGenerator<Explanation> {
  const [old, now] = await bothOf(digests(left), digests(right));
  const { pairs, reordered } = namedPairs(left.sections, right.sections, (section) => section.name);
  const again = new Set([...overlapping(left.sections), ...overlapping(right.sections)]);
  if (reordered) yield { kind: 'reason', reason: { kind: 'order', evidence: 'sections in another order' } };
  for (const { name, left: one, right: other } of pairs) {
    if (one === undefined && other?.size === 0) continue;
    if (other === undefined && one?.size === 0) continue;
    if (one !== undefined && other !== undefined && old !== undefined && old.get(one) === now?.get(other)) continue;
    const side = (sectioned: Sectioned, section: Section | undefined): ByteSource | undefined =>
      section === undefined ? undefined : rangeSource(sectioned.source, { ...section, name });
    const [oldPart, nowPart] = [side(left, one), side(right, other)];
    if (oldPart !== undefined && nowPart !== undefined && [one, other].some((each) => again.has(each as Section))) {
      yield* overlappedPart(oldPart, nowPart);
      continue;
    }
    yield {
      kind: 'part',
      name,
      ...(oldPart === undefined ? {} : { left: oldPart }),
      ...(nowPart === undefined ? {} : { right: nowPart }),
    };
  }
}

/** What is told of a part, called as `left` is, that shares bytes with one that is looked into: nothing where it is equal. */
export async function* overlappedPart(left: ByteSource, right: ByteSource): AsyncGenerator<Explanation> {
  if (await identical(left, right)) return;
  const sideOf = ({ size }: ByteSource): DifferenceSide => (size === undefined ? {} : { size });
  const node = differenceNode(escapeText(left.name), 'part', { left: sideOf(left), right: sideOf(right) });
  const notes = ['not looked into: it overlaps another one'];
  yield { kind: 'child', difference: { ...node, detail: 'content differs', notes } };
}

/** Those that begin before the end of one that begins before them. */
export function overlapping<Place extends ByteRange>(sections: readonly Place[]): readonly Place[] {
  let end = 0;
  return sections
    .filter(({ size }) => size > 0)
    .sort((one, other) => one.offset - other.offset)
    .filter((section) => {
      const overlaps = section.offset < end;
      if (!overlaps) end = section.offset + section.size;
      return overlaps;
    });
}

/** By section, where a pass over all of them is cheaper than opening each; undefined where it is not. */
async function digests({ source, sections }: Sectioned): Promise<ReadonlyMap<Section, string> | undefined> {
  const end = sections.reduce((last, section) => Math.max(last, section.offset + section.size), 0);
  const total = sections.reduce((sum, section) => sum + section.size, 0);
  if (total > OVERLAP * end) throw malformed('they overlap', 0);
  if (source.seekable === true && source.size !== undefined) {
    if (end > source.size) throw malformed('the file ends inside one', source.size);
    return undefined;
  }
  const hashes = sections.map(() => createHash('sha256'));
  const reached = await readRanges(source.open(0, 'lent'), sections, (index, bytes) => hashes[index]?.update(bytes));
  if (reached < end) throw malformed('the file ends inside one', reached);
  return new Map(sections.map((section, index) => [section, hashes[index]?.digest('hex') ?? '']));
}

function malformed(why: string, offset: number): ReproofError {
  return new ReproofError('FORMAT_MALFORMED', `reading sections at byte ${offset}: ${why}`, { context: { offset } });
}

/** The bytes of a range; fewer only at the end of the source. The caller has bounded its size. */
export async function readRange(source: ByteSource, { offset, size }: ByteRange): Promise<Buffer> {
  const reader = new ByteReader(source.open(offset));
  try {
    return await reader.read(size);
  } finally {
    await reader.close();
  }
}
