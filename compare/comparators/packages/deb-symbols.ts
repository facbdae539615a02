import { type DebLibrary, readDebSymbols } from '../../../formats/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { namedPairs } from '../../named-pairs.ts';
import { byBytes } from '../../pairing.ts';
import type { Explanation, LeafComparator } from '../../types.ts';
import { compareFacts, type Fact } from '../documents/facts.ts';
import { readTextPair } from '../documents/text-pair.ts';
import { compareItems } from './item-list.ts';

const NAME = /(?:^|\/)symbols$|\.symbols(?:\.[a-z0-9]+)?$/;
const START = /^(?:#[^\n]*\n)*[^\s|*#]\S* \S[^\n]*\n(?:[|*] [^\n]*\n)* \S+ \S/;
const SYMBOLS = 500_000;

/**
 * The symbols of a package's shared libraries, deb-symbols(5): which only one side exports, and which another version is
 * said to have first. Their order means nothing.
 */
export const debSymbols: LeafComparator = {
  kind: 'leaf',
  id: 'deb-symbols',
  recognizes: (head, name) => NAME.test(name) && START.test(Buffer.from(head.subarray(0, 8192)).toString('latin1')),
  async *explain(left, right, { budget }) {
    const texts = await readTextPair(left, right, budget.limits.textBytes);
    const [old, now] = (texts ?? []).map(readOrNothing);
    if (old === undefined || now === undefined) {
      yield { kind: 'declined' };
      return;
    }
    const [before, after] = [linesOf(old), linesOf(now)];
    const found = compareItems(before, after);
    const [one, other] = [factsOf(old), factsOf(now)];
    const facts = [...compareFacts(one, other, 'symbols file')];
    if (found.left.length + found.right.length + facts.length === 0 && !found.reordered) {
      yield { kind: 'declined' };
      return;
    }
    yield* facts;
    if (found.reordered)
      yield { kind: 'reason', reason: { kind: 'order', evidence: 'the same symbols in another order' } };
    if (found.left.length + found.right.length === 0) return;
    yield { kind: 'lines', left: before.toSorted(byBytes), right: after.toSorted(byBytes) };
    yield* why(found);
  },
};

function readOrNothing(text: string): readonly DebLibrary[] | undefined {
  try {
    return readDebSymbols(text, SYMBOLS);
  } catch (error) {
    if (!isReproofError(error)) throw error;
    return undefined;
  }
}

function linesOf(libraries: readonly DebLibrary[]): readonly string[] {
  const several = libraries.length > 1;
  return libraries.flatMap(({ soname, symbols }) =>
    symbols.map(({ name, version }) => `${several ? `${soname}: ` : ''}${name} ${version}`),
  );
}

function factsOf(libraries: readonly DebLibrary[]): readonly Fact[] {
  return libraries.flatMap(({ soname, dependencies, fields }) => [
    ...dependencies.map((value, index) => ({ name: `dependency ${index} of ${soname}`, value })),
    ...fields.map((line) => {
      const [name = '', ...value] = line.split(': ');
      return { name: `${name} of ${soname}`, value: value.join(': ') };
    }),
  ]);
}

function* why(lines: { readonly left: readonly string[]; readonly right: readonly string[] }): Generator<Explanation> {
  const nameOf = (line: string): string => /^(?:\S+: )?\S+/.exec(line)?.[0] ?? line;
  const { pairs } = namedPairs(lines.left, lines.right, nameOf);
  const alone = pairs.filter(({ left, right }) => left === undefined || right === undefined).length;
  if (alone > 0)
    yield {
      kind: 'reason',
      reason: { kind: 'missing-or-extra', evidence: `symbols that only one side has: ${alone}` },
    };
  if (alone < pairs.length)
    yield {
      kind: 'reason',
      reason: { kind: 'version-text', evidence: `symbols said to be of another version: ${pairs.length - alone}` },
    };
}
