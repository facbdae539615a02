import { elfHeaderValues, SHT_NOBITS } from '../../../formats/index.ts';
import { changedFields } from '../../pairing.ts';
import { reachablePair } from '../../reachable.ts';
import type { Context, Explanation, LeafComparator } from '../../types.ts';
import { explainCode } from './elf-code.ts';
import { linkingFields } from './elf-linking.ts';
import { type ElfPair, readElfPair } from './elf-pair.ts';
import { explainRest, isOfItsOwn, restOf } from './elf-rest.ts';
import { type Code, causeOf, type ElfOverview, overviewOf, sectionNode } from './elf-sections.ts';
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
  if (differing.includes('.dynamic') || differing.includes('.dynstr'))
    yield { kind: 'fields', fields: await linkingFields(pair) };
  if (order !== undefined) {
    yield { kind: 'fields', fields: [order] };
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'sections in another order' } };
  }
  const rest = await restOf(pair);
  yield* explainBuildId(pair);
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
    differing.some((name) => name.startsWith('.debug_')) &&
    differing.every((name) => DEBUG.test(name)) &&
    changedFields(elfHeaderValues(left.file), elfHeaderValues(right.file)).length === 0
  )
    yield { kind: 'reason', reason: { kind: 'debug-info', evidence: 'only debug information and symbols differ' } };
}
