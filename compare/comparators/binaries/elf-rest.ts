import { createHash } from 'node:crypto';
import { findModuleSignature, MODULE_TRAILER_BYTES, readElfBytes } from '../../../formats/index.ts';
import { byBytes } from '../../by-bytes.ts';
import { type ByteSource, rangeSource } from '../../byte-source.ts';
import { bothOf, identical } from '../../identity.ts';
import { sameStretch } from '../../same-stretch.ts';
import type { Explanation } from '../../types.ts';
import type { ElfPair } from './elf-pair.ts';
import type { ElfSide } from './elf-side.ts';

/** Gaps told; more are counted. */
const TOLD = 100;
/** Linkers fill code with zeros, or with one instruction of up to as many bytes. */
const FILL_BYTES = 4;

type Tail = { readonly source: ByteSource; readonly signed: boolean };

/** What no header names and differs: gaps between what they name, and what stands after all of it. */
export type ElfRest = {
  readonly gaps: readonly { readonly name: string; readonly left?: ByteSource; readonly right?: ByteSource }[];
  readonly tail: { readonly left?: Tail; readonly right?: Tail } | undefined;
};

/** Looks for what differs outside of headers and sections. */
export async function restOf(pair: ElfPair): Promise<ElfRest> {
  return { gaps: await differingGaps(pair), tail: await differingTail(pair) };
}

/** True where the rest tells something of its own: a signature follows from what it signs. */
export function isOfItsOwn({ gaps, tail }: ElfRest): boolean {
  return gaps.length > 0 || (tail !== undefined && !(tail.left?.signed === true && tail.right?.signed === true));
}

export async function* explainRest({ gaps, tail }: ElfRest): AsyncGenerator<Explanation> {
  for (const gap of gaps.slice(0, TOLD)) yield { kind: 'part', ...gap };
  if (gaps.length > TOLD) yield { kind: 'note', text: `${gaps.length - TOLD} more gaps between sections differ` };
  if (tail !== undefined) yield* explainTail(tail);
}

type Gap = { readonly name: string; readonly offset: number; readonly size: number };

/** Bytes between what the headers name, by the name of what stands before. */
function gapsOf({ file, pieces }: ElfSide): ReadonlyMap<string, Gap> {
  const table = { name: '(section headers)', range: file.sectionTable };
  const places = [...pieces.values(), table]
    .filter(({ range }) => range.size > 0)
    .sort((one, other) => one.range.offset - other.range.offset);
  const gaps = new Map<string, Gap>();
  let [end, before] = [0, ''];
  for (const { name, range } of places) {
    if (range.offset > end) gaps.set(before, { name: `(after ${before})`, offset: end, size: range.offset - end });
    if (range.offset + range.size <= end) continue;
    end = range.offset + range.size;
    before = name;
  }
  return gaps;
}

/** Those of the same size with other bytes, and those of other sizes that are not only filled up. */
async function differingGaps(pair: ElfPair): Promise<ElfRest['gaps']> {
  const [left, right] = [gapsOf(pair.left), gapsOf(pair.right)];
  const differing: ElfRest['gaps'][number][] = [];
  for (const before of [...new Set([...left.keys(), ...right.keys()])].sort(byBytes)) {
    const [old, now] = [left.get(before), right.get(before)];
    const sides = {
      ...(old === undefined ? {} : { left: rangeSource(pair.left.source, old) }),
      ...(now === undefined ? {} : { right: rangeSource(pair.right.source, now) }),
    };
    if (old !== undefined && now !== undefined && old.size === now.size) {
      if (await sameStretch(pair.known, { left: old.offset, right: now.offset, size: old.size })) continue;
    } else if (!(await Promise.all(Object.values(sides).map(isFill))).includes(false)) continue;
    differing.push({ name: (old ?? now)?.name ?? '', ...sides });
  }
  return differing;
}

async function isFill(source: ByteSource): Promise<boolean> {
  const first = Buffer.alloc(FILL_BYTES);
  let at = 0;
  for await (const chunk of source.open(0, 'lent'))
    for (const byte of chunk) {
      if (at < FILL_BYTES) first[at] = byte;
      else if (byte !== first[at % FILL_BYTES]) return false;
      at++;
    }
  // Less than twice the pattern shows none.
  return at >= 2 * FILL_BYTES || first.subarray(0, at).every((byte) => byte === first[0]);
}

async function differingTail({ left, right }: ElfPair): Promise<ElfRest['tail']> {
  const [old, now] = await bothOf(tailOf(left), tailOf(right));
  if (old === undefined && now === undefined) return undefined;
  if (old !== undefined && now !== undefined && (await identical(old.source, now.source))) return undefined;
  return { ...(old === undefined ? {} : { left: old }), ...(now === undefined ? {} : { right: now }) };
}

/** What stands after everything the headers name: a signature, or something appended. */
async function* explainTail({ left: old, right: now }: NonNullable<ElfRest['tail']>): AsyncGenerator<Explanation> {
  const signed = old?.signed === true || now?.signed === true;
  if (old?.signed === true && now?.signed === true) {
    // A signature's bytes tell nobody anything but that they are others.
    const [one, other] = await bothOf(digestOf(old.source), digestOf(now.source));
    yield { kind: 'fields', fields: [{ name: 'module signature, SHA-256', left: one, right: other }] };
    yield { kind: 'reason', reason: { kind: 'signature', evidence: 'a signature stands after the kernel module' } };
    return;
  }
  yield {
    kind: 'part',
    name: signed ? '(module signature)' : '(after the last section)',
    ...(old === undefined ? {} : { left: old.source }),
    ...(now === undefined ? {} : { right: now.source }),
  };
  if (signed)
    yield { kind: 'reason', reason: { kind: 'signature', evidence: 'a signature stands after the kernel module' } };
}

async function tailOf({ source, file, pieces }: ElfSide): Promise<Tail | undefined> {
  const { size } = source;
  if (size === undefined) return undefined;
  const table = file.sectionTable.offset + file.sectionTable.size;
  const end = [...pieces.values()].reduce((most, { range }) => Math.max(most, range.offset + range.size), table);
  if (end >= size) return undefined;
  const last = Math.min(MODULE_TRAILER_BYTES, size - end);
  const trailer = await readElfBytes((start) => source.open(start), { offset: size - last, size: last });
  const signed = findModuleSignature(trailer, size) !== undefined;
  return { source: rangeSource(source, { name: source.name, offset: end, size: size - end }), signed };
}

async function digestOf(source: ByteSource): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of source.open(0, 'lent')) hash.update(chunk);
  return hash.digest('hex');
}
