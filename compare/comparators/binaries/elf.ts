import { createHash } from 'node:crypto';
import { findModuleSignature, MODULE_TRAILER_BYTES, readElfBytes } from '../../../formats/index.ts';
import { rangeSource } from '../../byte-source.ts';
import { bothOf, identical } from '../../identity.ts';
import { reachablePair } from '../../reachable.ts';
import type { ByteSource, Context, Explanation, LeafComparator } from '../../types.ts';
import { explainCode } from './elf-code.ts';
import { linkingFields } from './elf-linking.ts';
import { type ElfPair, readElfPair } from './elf-pair.ts';
import { type Code, type ElfOverview, hasCause, overviewOf, sectionNode } from './elf-sections.ts';
import type { ElfSide } from './elf-side.ts';

/** ELF files: which sections differ and how, by their kind; which are gone, new, in another order or only elsewhere. */
export const elf: LeafComparator = {
  kind: 'leaf',
  id: 'elf',
  recognizes: (head) => Buffer.from(head.subarray(0, 4)).toString('latin1') === '\x7fELF',
  async *explain(left, right, context) {
    const pair = await reachablePair(left, right, context);
    try {
      yield* explainPair(await readElfPair(pair), context);
    } finally {
      await pair.remove();
    }
  },
};

async function* explainPair(pair: ElfPair, context: Context): AsyncGenerator<Explanation> {
  const overview = overviewOf(pair);
  const { differing, count, moved, order } = overview;
  const cause = hasCause(pair, overview);
  const code: Code = (left, right) => explainCode(pair, [left, right], context);
  for (const name of differing)
    if (!isBuildIdAlone(pair, name))
      yield { kind: 'child', difference: await sectionNode(pair, name, { cause, context, code }) };
  if (differing.includes('.dynamic') || differing.includes('.dynstr'))
    yield { kind: 'fields', fields: await linkingFields(pair) };
  if (order !== undefined) {
    yield { kind: 'fields', fields: [order] };
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'sections in another order' } };
  }
  yield* explainBuildId(pair, overview);
  if (moved > 0) yield { kind: 'note', text: `sections of equal content at another address or offset: ${moved}` };
  const after = yield* explainTail(pair);
  yield {
    kind: 'detail',
    text:
      differing.length > 0
        ? `differing pieces: ${differing.length} of ${count}`
        : after
          ? 'all sections hold the same bytes; what follows them differs'
          : 'all sections hold the same bytes; the rest of the file differs',
  };
}

/** Sections without which a program does the same. */
const IDENTITY = /^\.(?:note\.gnu\.build-id|gnu_debuglink)$/;
const DEBUG = /^\.debug_|^\.(?:symtab|strtab|shstrtab|note\.gnu\.build-id|gnu_debuglink)$|^\(file header\)$/;

/** True for a section of nothing but the build-id, which the file's own fields tell. */
function isBuildIdAlone({ left, right, changed }: ElfPair, name: string): boolean {
  const alone = ({ file }: ElfSide): boolean =>
    file.buildId !== undefined && file.notes.filter((note) => note.section === name).length === 1;
  return name === '.note.gnu.build-id' && changed.has(name) && alone(left) && alone(right);
}

function* explainBuildId({ left, right }: ElfPair, { differing }: ElfOverview): Generator<Explanation> {
  const [old, now] = [left.file.buildId, right.file.buildId];
  yield {
    kind: 'fields',
    fields: [
      { name: 'build-id', ...(old === undefined ? {} : { left: old }), ...(now === undefined ? {} : { right: now }) },
    ],
  };
  if (differing.length === 0) return;
  if (differing.every((name) => IDENTITY.test(name))) {
    const evidence = 'only the build-id, and what is named after it, differs';
    yield { kind: 'reason', reason: { kind: 'build-id', evidence } };
    yield {
      kind: 'note',
      text: 'all differences follow from the build-id: what it was made from but is not in this file differs, such as debug information',
    };
  } else if (differing.some((name) => name.startsWith('.debug_')) && differing.every((name) => DEBUG.test(name)))
    yield { kind: 'reason', reason: { kind: 'debug-info', evidence: 'only debug information and symbols differ' } };
}

/** What stands after everything the headers name: a signature, or something appended. True when it is there. */
async function* explainTail({ left, right }: ElfPair): AsyncGenerator<Explanation, boolean> {
  const [old, now] = await bothOf(tailOf(left), tailOf(right));
  if (old === undefined && now === undefined) return false;
  if (old !== undefined && now !== undefined && (await identical(old.source, now.source))) return false;
  const signed = old?.signed === true || now?.signed === true;
  if (old?.signed === true && now?.signed === true) {
    // A signature's bytes tell nobody anything but that they are others.
    const [one, other] = await bothOf(digestOf(old.source), digestOf(now.source));
    yield { kind: 'fields', fields: [{ name: 'module signature, SHA-256', left: one, right: other }] };
    yield { kind: 'reason', reason: { kind: 'signature', evidence: 'a signature stands after the kernel module' } };
    return true;
  }
  yield {
    kind: 'part',
    name: signed ? '(module signature)' : '(after the last section)',
    ...(old === undefined ? {} : { left: old.source }),
    ...(now === undefined ? {} : { right: now.source }),
  };
  if (signed)
    yield { kind: 'reason', reason: { kind: 'signature', evidence: 'a signature stands after the kernel module' } };
  return true;
}

type Tail = { readonly source: ByteSource; readonly signed: boolean };

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
