import type { FieldChange, Reason } from '../model/index.ts';
import { OTHER_ARCHIVES, type OtherArchives, otherArchives } from './other-archives.ts';
import { leaves, openers } from './registry.ts';
import type { Comparator, ContainerComparator, Head, LeafComparator, WrapperComparator } from './types.ts';

/** The same comparator twice, or those of two formats that have much in common. */
export type ContainerPair = Omit<OtherArchives, 'told'> & Partial<Pick<OtherArchives, 'told'>>;

/** What both sides are to be read with: the same comparator, two archives of other formats, or two wrappers. */
export type Candidate =
  | ({ readonly kind: 'container'; readonly id: string } & ContainerPair)
  /** One side may be what the other wraps: it is then taken as it is. */
  | {
      readonly kind: 'wrapper';
      readonly id: string;
      readonly left: WrapperComparator | undefined;
      readonly right: WrapperComparator | undefined;
    }
  | { readonly kind: 'leaf'; readonly id: string; readonly comparator: LeafComparator };

type Named = { readonly left: { readonly name: string }; readonly right: { readonly name: string } };

/** Who may explain two sources, in the order they are asked: containers, wrappers, leaves, each in the registry's order. */
export async function* candidatesFor(
  heads: readonly [Head, Head],
  names: Named,
  mayOpen: boolean,
): AsyncGenerator<Candidate> {
  if (mayOpen) yield* openersFor(heads, names);
  for (const one of await leaves())
    if (recognizes(one, heads, names)) yield { kind: 'leaf', id: one.id, comparator: one };
}

/** Those that would open them. */
export function* openersFor(heads: readonly [Head, Head], names: Named): Generator<Candidate> {
  const [left, right] = heads;
  for (const one of openers)
    if (one.kind === 'container' && recognizes(one, heads, names))
      yield { kind: 'container', id: one.id, left: one, right: one };
  const [archive, other] = [archiveOf(left, names.left.name), archiveOf(right, names.right.name)];
  const mixed = archive === undefined || other === undefined ? undefined : otherArchives(archive, other);
  if (mixed !== undefined) yield { kind: 'container', id: OTHER_ARCHIVES, ...mixed };
  const wrappers = openers.filter((one) => one.kind === 'wrapper');
  const old = wrappers.find((one) => one.recognizes(left, names.left.name));
  const now = wrappers.find((one) => one.recognizes(right, names.right.name));
  if (old !== undefined || now !== undefined)
    yield { kind: 'wrapper', id: old !== undefined && old === now ? old.id : 'compressed', left: old, right: now };
}

/** What it says where two files are wrapped in different formats, or one in none. */
export function formatChange(
  left: WrapperComparator | undefined,
  right: WrapperComparator | undefined,
): { readonly format: readonly FieldChange[]; readonly reasons?: readonly Reason[] } {
  if (left === right) return { format: [] };
  const sides = { left: left?.id ?? 'plain', right: right?.id ?? 'plain' };
  return {
    format: [{ name: 'format', ...sides }],
    reasons: [{ kind: 'compression', evidence: 'another compression', ...sides }],
  };
}

/** The first that would open one side alone. */
function archiveOf(head: Head, name: string): ContainerComparator | undefined {
  return openers.filter((one) => one.kind === 'container').find((one) => one.recognizes(head, name));
}

function recognizes(one: Comparator, [left, right]: readonly [Head, Head], names: Named): boolean {
  return one.recognizes(left, names.left.name) && one.recognizes(right, names.right.name);
}
