import { namedPairs } from '../../named-pairs.ts';
import type { Explanation, Head, LeafComparator } from '../../types.ts';
import { dateReasons, onlyDatesDiffer } from './dates.ts';
import { shownField } from './shown-field.ts';
import { text } from './text.ts';
import { readGists } from './text-pair.ts';

/** A named value that a document tells. `program` says that it names the program which wrote the document. */
export type Fact = { readonly name: string; readonly value: string; readonly program?: boolean };

const FIELDS = 50;

/** Facts of both sides that differ as fields, with reasons for dates and for programs of another version. */
export function* compareFacts(left: readonly Fact[], right: readonly Fact[], what: string): Generator<Explanation> {
  const { pairs } = namedPairs(left, right, ({ name }) => name);
  const differing = pairs.filter((pair) => pair.left?.value !== pair.right?.value);
  const fields = differing
    .slice(0, FIELDS)
    .map(({ name, left: old, right: now }) => shownField(name, { left: old?.value, right: now?.value }));
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
export type FactFormat<More> = {
  readonly id: string;
  /** For people, as in "man page". */
  readonly what: string;
  recognizes(head: Head, name: string): boolean;
  /** Undefined for a text that is not of this format after all. */
  facts(text: string): readonly Fact[] | undefined;
  /** More that only this format can tell, from what it reads in either text: plain values, which are held of both. */
  readonly more?: { read(text: string): More; explain(left: More, right: More): Iterable<Explanation> };
};

/** A text whose lines are compared as of any text, and which tells facts beside. */
export function factsOfText<More>({ id, what, recognizes, facts, more }: FactFormat<More>): LeafComparator {
  const gist = (text: string): { readonly told?: readonly Fact[] | undefined; readonly rest?: More | undefined } => {
    const told = facts(text);
    return told === undefined ? {} : { told, rest: more?.read(text) };
  };
  return {
    kind: 'leaf',
    id,
    recognizes,
    async *explain(left, right, context) {
      const [old, now] = (await readGists([left, right], context.budget.limits.textBytes, gist)) ?? [];
      if (old?.told === undefined || now?.told === undefined) {
        yield { kind: 'declined' };
        return;
      }
      yield* compareFacts(old.told, now.told, what);
      if (more !== undefined) yield* more.explain(old.rest as More, now.rest as More);
      // Nothing holds the two texts any more: they are read again.
      yield* text.explain(left, right, context);
    },
  };
}
