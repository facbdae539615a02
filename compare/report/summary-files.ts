import type { Difference } from '../../model/index.ts';

/** One thing a person knows by name: a file of a package, or what is right inside the input where it has no files. */
export type SummarizedFile = { readonly node: Difference; readonly label: string };

/** What opens into one stream that stands for it. */
const WRAPPERS: ReadonlySet<string> = new Set(['gzip', 'xz', 'zstd', 'bzip2', 'lz4', 'lzip', 'lzma', 'compressed']);
const OTHER_HEADER = 'equal content, other header';
const ONE_SIDE = 'only on one side';

/**
 * The files of a tree, in order. Archives that only hold a package's parts (data.tar.xz) and compressed files around an
 * archive are passed through; what is inside a file is its own matter.
 */
export function filesOf(tree: Difference): readonly SummarizedFile[] {
  const inside = insideOf(tree);
  return inside.length === 0
    ? [{ node: tree, label: tree.kind }]
    : inside.map((node) => ({ node, label: labelOf(node) }));
}

function insideOf(node: Difference): readonly Difference[] {
  if (WRAPPERS.has(node.kind) && node.children.length === 1) return insideOf(node.children[0] as Difference);
  // What a format shows of a file is no file in it, nor is what another program says of it.
  if (node.children.every(({ kind }) => kind === 'view' || kind === 'diffoscope')) return [];
  if (node.kind !== 'deb') return node.children.filter(({ kind }) => kind !== 'diffoscope');
  const files = node.children.flatMap((part) => {
    const [content] = part.children;
    return content === undefined ? [] : (WRAPPERS.has(part.kind) ? content : part).children;
  });
  return files.length === 0 ? node.children : files;
}

/** How it differs, in a word or two: what it was read as, or that only its header or one side is there. */
function labelOf(node: Difference): string {
  if (node.detail === ONE_SIDE || (node.left === undefined) !== (node.right === undefined)) return ONE_SIDE;
  if (node.detail === OTHER_HEADER) return `only by ${(node.fields ?? []).map(({ name }) => name).join(', ')}`;
  let inner = node;
  while (WRAPPERS.has(inner.kind) && inner.children.length === 1) inner = inner.children[0] as Difference;
  return inner.kind;
}

/** Labels that stand last: little can be learned from them. */
function rank(label: string): number {
  return label === 'digest-list' ? 3 : label.startsWith('only by ') ? 2 : label === ONE_SIDE ? 1 : 0;
}

/** Files of each label, those that say most first. */
export function byLabel(
  files: readonly SummarizedFile[],
): readonly (readonly [label: string, nodes: readonly Difference[]])[] {
  const groups = new Map<string, Difference[]>();
  for (const { node, label } of files) {
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [node]);
    else group.push(node);
  }
  return [...groups].sort(
    ([one, few], [other, many]) => rank(one) - rank(other) || many.length - few.length || (one < other ? -1 : 1),
  );
}
