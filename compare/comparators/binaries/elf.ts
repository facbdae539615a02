import { elfHeaderValues, SHT_NOBITS } from '../../../formats/index.ts';
import { changedFields } from '../../pairing.ts';
import { reachablePair } from '../../reachable.ts';
import type { Context, Explanation, LeafComparator } from '../../types.ts';
import { explainCode } from './elf-code.ts';
import { explainLinking } from './elf-linking.ts';
import { type ElfPair, readElfPair } from './elf-pair.ts';
import { explainRest, isOfItsOwn, restOf } from './elf-rest.ts';
import { type Code, causeOf, type ElfOverview, isContentAlone, overviewOf, sectionNode } from './elf-sections.ts';
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
  const cause = causeOf(pair, overview);
  const code: Code = (left, right) => explainCode(pair, [left, right], context);
  for (const name of differing)
    if (!isBuildIdAlone(pair, name))
      yield { kind: 'child', difference: await sectionNode(pair, name, { cause, context, code }) };
  // A side whose content is elsewhere names no library.
  const linked = ['.dynamic', '.dynstr'].filter((name) => differing.includes(name));
  if (
    linked.length > 0 &&
    !linked.some((name) => isContentAlone(pair.left.pieces.get(name), pair.right.pieces.get(name)))
  )
    yield* explainLinking(pair);
  if (order !== undefined) {
    yield { kind: 'fields', fields: [order] };
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'sections in another order' } };
  }
  const rest = await restOf(pair);
  yield* explainBuildId(pair);
  yield* explainDetached(pair);
  if (!isOfItsOwn(rest)) yield* explainAlone(pair, overview);
  if (moved > 0) yield { kind: 'note', text: `sections of equal content at another address or offset: ${moved}` };
  yield* explainRest(rest);
  yield {
    kind: 'detail',
    text:
      differing.length > 0
        ? `differing pieces: ${differing.length} of ${count}`
        : rest.gaps.length === 0 && rest.tail !== undefined
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

function* explainBuildId({ left, right }: ElfPair): Generator<Explanation> {
  const [old, now] = [left.file.buildId, right.file.buildId];
  yield {
    kind: 'fields',
    fields: [
      { name: 'build-id', ...(old === undefined ? {} : { left: old }), ...(now === undefined ? {} : { right: now }) },
    ],
  };
}

/** True for a file of debug information that was taken from a program: of the code it has no content. */
function isDebugAlone({ pieces }: ElfSide): boolean {
  return pieces.has('.debug_info') && pieces.get('.text')?.section?.type === SHT_NOBITS;
}

/** Where one side is a program, and the other what was detached from one. */
function* explainDetached({ left, right }: ElfPair): Generator<Explanation> {
  const text = (side: ElfSide): string => (isDebugAlone(side) ? 'debug information alone' : 'code as well');
  const sides = { left: text(left), right: text(right) };
  if (sides.left === sides.right) return;
  const evidence = 'one side is a file of detached debug information';
  yield { kind: 'reason', reason: { kind: 'missing-or-extra', evidence, ...sides } };
}

/** Where all that differs is of one kind, and says so: nothing else of the file may. */
function* explainAlone({ left, right }: ElfPair, { differing }: ElfOverview): Generator<Explanation> {
  if (differing.length === 0) return;
  if (differing.every((name) => IDENTITY.test(name)) && left.file.buildId !== right.file.buildId) {
    const evidence = 'only the build-id, and what is named after it, differs';
    yield { kind: 'reason', reason: { kind: 'build-id', evidence } };
    const absent = [left, right].every(isDebugAlone) ? 'code' : 'debug information';
    yield {
      kind: 'note',
      text: `all differences follow from the build-id: what it was made from but is not in this file differs, such as ${absent}`,
    };
  } else if (
    differing.every((name) => DEBUG.test(name)) &&
    changedFields(elfHeaderValues(left.file), elfHeaderValues(right.file)).length === 0
  ) {
    if (differing.some((name) => name.startsWith('.debug_')))
      yield { kind: 'reason', reason: { kind: 'debug-info', evidence: 'only debug information and symbols differ' } };
    const sides = { left: keptOf(left), right: keptOf(right) };
    const evidence = 'one side is stripped of more than the other';
    if (sides.left !== sides.right) yield { kind: 'reason', reason: { kind: 'missing-or-extra', evidence, ...sides } };
  }
}

/** What strip(1) removes, as far as it is there. */
function keptOf({ pieces }: ElfSide): string {
  const debug = [...pieces.keys()].some((name) => name.startsWith('.debug_'));
  const kept = [...(pieces.has('.symtab') ? ['symbols'] : []), ...(debug ? ['debug information'] : [])];
  return kept.length === 0 ? 'neither symbols nor debug information' : kept.join(' and ');
}
