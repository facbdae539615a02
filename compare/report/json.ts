import { canonicalJson, type Difference } from '../../model/index.ts';
import type { Comparison } from '../comparison.ts';

/**
 * A comparison as JSON in its one spelling (RFC 8785: members sorted, no white space) and a newline. Given in pieces, a
 * node at a time, so that a tree of any size is never one string.
 */
export function* jsonReport({ difference, ...rest }: Comparison): Generator<string> {
  yield '{';
  let separator = '';
  const members = Object.entries({ ...rest, difference }).sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [name, value] of members) {
    if (value === undefined) continue;
    yield `${separator}${JSON.stringify(name)}:`;
    if (name === 'difference') yield* nodeJson(value as Difference);
    else yield canonicalJson(value);
    separator = ',';
  }
  yield '}\n';
}

/** A node in the same spelling; `children` is the first of its members. */
export function* nodeJson({ children, ...rest }: Difference): Generator<string> {
  if (children.length === 0) {
    yield canonicalJson({ children, ...rest });
    return;
  }
  yield '{"children":[';
  for (const [index, child] of children.entries()) {
    if (index > 0) yield ',';
    yield* nodeJson(child);
  }
  yield `],${canonicalJson(rest).slice(1)}`;
}
