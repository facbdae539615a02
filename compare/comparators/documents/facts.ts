import type { FieldChange } from '../../../model/index.ts';
import { escapeText, shorten } from '../../escape.ts';
import { namedPairs } from '../../named-pairs.ts';
import type { Explanation, Head, LeafComparator } from '../../types.ts';
import { dateReasons, onlyDatesDiffer } from './dates.ts';
import { text } from './text.ts';
import { readTextPair } from './text-pair.ts';

/** A named value that a document tells. `program` says that it names the program which wrote the document. */
export type Fact = { readonly name: string; readonly value: string; readonly program?: boolean };

const SHOWN = 200;
const FIELDS = 50;

/** Facts of both sides that differ as fields, with reasons for dates and for programs of another version. */
export function* compareFacts(left: readonly Fact[], right: readonly Fact[], what: string): Generator<Explanation> {
  const { pairs } = namedPairs(left, right, ({ name }) => name);
  const differing = pairs.filter((pair) => pair.left?.value !== pair.right?.value);
  const fields: FieldChange[] = differing.slice(0, FIELDS).map((pair) => ({
    name: shown(pair.name),
    ...(pair.left === undefined ? {} : { left: shown(pair.left.value) }),
    ...(pair.right === undefined ? {} : { right: shown(pair.right.value) }),
  }));
  if (fields.length > 0) yield { kind: 'fields', fields };
  if (differing.length > FIELDS)
    yield { kind: 'note', text: `${differing.length - FIELDS} more values of the ${what} differ` };
  yield* dateReasons(fields, what);
  for (const [index, { name, left: old, right: now }] of fields.entries()) {
    const { left: one, right: other } = differing[index] ?? {};
    if (old === undefined || now === undefined || !one?.program || !other?.program) continue;
    if (!onlyDatesDiffer(one.value, other.value))
      yield {
        kind: 'reason',
        reason: { kind: 'version-text', evidence: `${what} ${name} names a program`, left: old, right: now },
      };
  }
}

/** What a kind of text is told by, and what it says of itself. */
export type FactFormat = {
  readonly id: string;
  /** For people, as in "man page". */
  readonly what: string;
  recognizes(head: Head, name: string): boolean;
  /** Undefined for a text that is not of this format after all. */
  facts(text: string): readonly Fact[] | undefined;
  /** More that only this format can tell. */
  explain?(left: string, right: string): Iterable<Explanation>;
};

/** A text whose lines are compared as of any text, and which tells facts beside. */
export function factsOfText({ id, what, recognizes, facts, explain }: FactFormat): LeafComparator {
  return {
    kind: 'leaf',
    id,
    recognizes,
    async *explain(left, right, context) {
      yield* explainFacts({ what, facts, explain }, await readTextPair(left, right, context.budget.limits.textBytes));
      // Nothing holds the two texts any more: they are read again.
      yield* text.explain(left, right, context);
    },
  };
}

function* explainFacts(
  { what, facts, explain }: Pick<FactFormat, 'what' | 'facts'> & { readonly explain: FactFormat['explain'] },
  texts: readonly [string, string] | undefined,
): Generator<Explanation> {
  const [old, now] = texts?.map((one) => facts(one)) ?? [];
  if (texts === undefined || old === undefined || now === undefined) {
    yield { kind: 'declined' };
    return;
  }
  yield* compareFacts(old, now, what);
  if (explain !== undefined) yield* explain(...texts);
}

function shown(value: string): string {
  return escapeText(shorten(value, SHOWN));
}
