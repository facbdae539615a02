import type { Difference, DifferenceSide, FieldChange, Reason } from '../../model/index.ts';

/** What one side lacks. */
export const NONE = '(none)';

/** `a -> b`, or nothing where neither side has a value. */
export function sidesText({ left, right }: Pick<FieldChange | Reason, 'left' | 'right'>): string {
  return left === undefined && right === undefined ? '' : `${left ?? NONE} -> ${right ?? NONE}`;
}

/** A reason in one line. */
export function reasonText(reason: Reason): string {
  const sides = sidesText(reason);
  return `${reason.kind}: ${reason.evidence}${sides === '' ? '' : `: ${sides}`}`;
}

/** Both sizes where they differ, the one there is, or nothing. */
export function sizesText({ left, right }: Difference): string | undefined {
  if (left?.size !== undefined && right?.size !== undefined)
    return left.size === right.size ? undefined : `${left.size} -> ${right.size} bytes`;
  const size = left?.size ?? right?.size;
  return size === undefined ? undefined : `${size} bytes`;
}

const ONE_SIDE = 'only on one side';

/** A node's detail. A tree's texts name no side, that they read the same for swapped ones: a report says which it is. */
export function detailText({ detail, left, right }: Difference): string | undefined {
  if (detail !== ONE_SIDE || (left === undefined) === (right === undefined)) return detail;
  return `only on the ${left === undefined ? 'right' : 'left'} side`;
}

/** What stands beside a node's path: its kind, detail, sizes, and whether it was explained to the end. */
export function factsText(node: Difference): string {
  const facts = [node.kind, detailText(node), sizesText(node), node.truncated ? 'not explained to the end' : undefined];
  return facts.filter((fact) => fact !== undefined && fact !== '').join('; ');
}

/** A side's sample, as lines. */
export function sampleLines(side: DifferenceSide | undefined): readonly string[] {
  return side?.text === undefined || side.text === '' ? [] : side.text.split('\n');
}

/** Lines of a node's diff, without their newlines. */
export function* diffLines({ diff }: Difference): Generator<string> {
  if (diff === undefined) return;
  for (let start = 0; start < diff.length; ) {
    const newline = diff.indexOf('\n', start);
    const end = newline < 0 ? diff.length : newline;
    yield diff.slice(start, end);
    start = end + 1;
  }
}

/** A node with the paths of what it is in, and itself, from the top. */
export type PlacedNode = { readonly node: Difference; readonly path: readonly string[] };

/** Every node of a tree, each before its children, in order. */
export function* nodesOf(tree: Difference): Generator<PlacedNode> {
  const open: PlacedNode[] = [{ node: tree, path: [tree.path] }];
  for (let placed = open.pop(); placed !== undefined; placed = open.pop()) {
    yield placed;
    for (const child of placed.node.children.toReversed())
      open.push({ node: child, path: [...placed.path, child.path] });
  }
}
