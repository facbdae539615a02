import { type FileHandle, open } from 'node:fs/promises';
import { escapeText } from '../../../compare/index.ts';
import { type Difference, type Picture, ReproofError } from '../../../model/index.ts';
import type { Span } from './difference-index.ts';
import { malformed } from './json-bytes.ts';
import { type NodeBody, readBody } from './node-body.ts';
import { type NodeOutline, parsed } from './outline.ts';
import { type OpenIndex, type OutlinedNode, openIndex, readAt } from './read-index.ts';

/** Deeper than any tree that is read. */
const DEPTH = 400;
const PIECES_AT_ONCE = 256;
/** Of what a node holds beside its lines and children, and of one piece of lines. */
const LARGEST_PART = 16 * 1024 ** 2;

/** A node as a list of nodes shows it. Numbers count from the tree's top, 0, in reading order. */
export type ListedNode = NodeOutline & {
  readonly node: number;
  readonly children: number;
  /** How many nodes there are in it, itself included. */
  readonly nodes: number;
};

/** One tree of a rebuild. */
export type ListedTree = ListedNode & { readonly tree: number };

/** A node with everything but its lines and the inside of its children. */
export type ShownNode = ListedNode & {
  /** From the top down to its parent. */
  readonly above: readonly ListedNode[];
  readonly body: NodeBody;
  readonly hasPicture: boolean;
  /** Its diff comes in so many pieces. */
  readonly pieces: number;
  readonly inside: readonly ListedNode[];
  /** Where `inside` begins among its children. */
  readonly insideFrom: number;
  /** In reading order. */
  readonly before?: number;
  readonly after?: number;
};

/** A stretch of a node's diff. Its texts, joined, are the diff. */
export type DiffText = {
  readonly piece: number;
  readonly pieces: number;
  /** Counted from 0 in the diff; numbers of the next line of either side, as its hunks say. */
  readonly line: number;
  readonly left: number;
  readonly right: number;
  /** Whether the text begins within a line, or ends before its line does. */
  readonly beginsInside: boolean;
  readonly endsInside: boolean;
  readonly text: string;
  /** The next piece that a line ends in: those between hold nothing but more of one line. */
  readonly next?: number;
};

/** The trees of one blob, read a part at a time. All text is harmless for a terminal. */
export type DifferenceReader = {
  readonly trees: () => Promise<readonly ListedTree[]>;
  readonly node: (
    tree: number,
    node: number,
    children: { readonly from: number; readonly limit: number },
  ) => Promise<ShownNode>;
  readonly lines: (tree: number, node: number, piece: number) => Promise<DiffText>;
  readonly picture: (tree: number, node: number) => Promise<Picture>;
  /** What a record holds beside its trees, as JSON; empty of a tree alone. */
  readonly rest: () => Promise<string>;
  readonly close: () => Promise<void>;
};

/** Opens an index and the blob it is of. Undefined where one is missing. Throws STORE_*. */
export async function openDifference(index: string, blob: string): Promise<DifferenceReader | undefined> {
  const opened = await openIndex(index);
  if (opened === undefined) return undefined;
  try {
    return readerOf(opened, await open(blob, 'r'));
  } catch (error) {
    await opened.close();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function readerOf(index: OpenIndex, blob: FileHandle): DifferenceReader {
  const find = async (tree: number, node: number): Promise<{ readonly top: number; readonly found: OutlinedNode }> => {
    const top = index.head.trees[tree];
    const root = top === undefined ? undefined : await index.node(top);
    const found = top === undefined || node >= (root?.size ?? 0) ? undefined : await index.node(top + node);
    if (found === undefined || top === undefined)
      throw new ReproofError('RESOURCE_UNKNOWN', 'looking up a difference: there is no such node');
    return { top, found };
  };
  return {
    trees: async () => {
      const tops = await index.nodes(0, index.head.trees.length);
      return tops.map((node, tree) => ({ ...listed(node, node.number), tree }));
    },
    node: async (tree, number, { from, limit }) => {
      const { top, found } = await find(tree, number);
      const above: ListedNode[] = [];
      for (let parent = found.parent; parent >= 0 && above.length < DEPTH; ) {
        const node = await index.node(parent);
        if (node === undefined) break;
        above.unshift(listed(node, top));
        parent = node.parent;
      }
      const count = Math.max(0, Math.min(limit, found.childCount - from));
      const inside = await index.nodes(found.firstChild + from, count);
      const size = (await index.node(top))?.size ?? 0;
      return {
        ...listed(found, top),
        above,
        body: escapedBody(await bodyOf(blob, found)),
        hasPicture: found.picture.end > 0,
        pieces: found.pieceCount,
        inside: inside.map((node) => listed(node, top)),
        insideFrom: from,
        ...(number > 0 ? { before: number - 1 } : {}),
        ...(number + 1 < size ? { after: number + 1 } : {}),
      };
    },
    lines: async (tree, number, piece) => {
      const { found } = await find(tree, number);
      if (piece >= found.pieceCount)
        throw new ReproofError('RESOURCE_UNKNOWN', 'reading lines of a difference: there are not so many');
      const [stored] = await index.pieces(found.firstPiece + piece, 1);
      if (stored === undefined) throw malformed('a place');
      const later = await nextPieces(index, found, piece);
      const raw = await part(blob, { at: stored.at, end: stored.at + stored.bytes });
      const text = parsed(`"${raw}"`) as string;
      return {
        piece,
        pieces: found.pieceCount,
        line: stored.line,
        left: stored.left,
        right: stored.right,
        beginsInside: stored.inside,
        endsInside: later.inside,
        text: text.split('\n').map(escapeText).join('\n'),
        ...(later.next === undefined ? {} : { next: later.next }),
      };
    },
    picture: async (tree, number) => {
      const { found } = await find(tree, number);
      if (found.picture.end === 0)
        throw new ReproofError('RESOURCE_UNKNOWN', 'reading the picture of a difference: it has none');
      return parsed(await part(blob, found.picture)) as Picture;
    },
    rest: () => index.rest(),
    close: async () => {
      await Promise.all([index.close(), blob.close()]);
    },
  };
}

/** Whether the next piece goes on in the line that this one ends with, and which piece ends that line. */
async function nextPieces(
  index: OpenIndex,
  { firstPiece, pieceCount }: OutlinedNode,
  piece: number,
): Promise<{ readonly inside: boolean; readonly next?: number }> {
  let inside = false;
  for (let from = piece + 1; from < pieceCount; from += PIECES_AT_ONCE) {
    const rows = await index.pieces(firstPiece + from, Math.min(PIECES_AT_ONCE, pieceCount - from));
    if (from === piece + 1) inside = rows[0]?.inside ?? false;
    const at = rows.findIndex((row) => !row.inside || row.lines > 0);
    if (at >= 0) return { inside, next: from + at };
  }
  return inside ? { inside, next: pieceCount - 1 } : { inside };
}

function listed({ outline, number, childCount, size }: OutlinedNode, top: number): ListedNode {
  const { path, kind, detail } = outline;
  return {
    ...outline,
    path: escapeText(path),
    kind: escapeText(kind),
    ...(detail === undefined ? {} : { detail: escapeText(detail) }),
    node: number - top,
    children: childCount,
    nodes: size,
  };
}

async function bodyOf(blob: FileHandle, { whole, inner, diff, picture }: OutlinedNode): Promise<NodeBody> {
  const quoted = diff.end === 0 ? diff : { at: diff.at - 1, end: diff.end + 1 };
  const left = [
    { ...inner, standIn: '[]' },
    { ...quoted, standIn: '""' },
    { ...picture, standIn: '0' },
  ].filter(({ end }) => end > 0);
  let text = '';
  let from = whole.at;
  for (const { at, end, standIn } of left.sort((one, other) => one.at - other.at)) {
    text += (await part(blob, { at: from, end: at })) + standIn;
    from = end;
  }
  return readBody(text + (await part(blob, { at: from, end: whole.end })));
}

async function part(blob: FileHandle, { at, end }: Span): Promise<string> {
  if (end - at > LARGEST_PART || end < at) throw malformed('a place');
  return (await readAt(blob, at, end - at, 'all')).toString('utf8');
}

type Side = NonNullable<Difference['left']>;

function escapedBody(body: NodeBody): NodeBody {
  const { left, right, detail, fields, reasons } = body;
  return {
    path: escapeText(body.path),
    kind: escapeText(body.kind),
    ...(left === undefined ? {} : { left: escapedSide(left) }),
    ...(right === undefined ? {} : { right: escapedSide(right) }),
    ...(detail === undefined ? {} : { detail: escapeText(detail) }),
    ...(fields === undefined
      ? {}
      : { fields: fields.map((field) => ({ name: escapeText(field.name), ...escapedSides(field) })) }),
    ...(reasons === undefined
      ? {}
      : {
          reasons: reasons.map((reason) => ({
            kind: reason.kind,
            evidence: escapeText(reason.evidence),
            ...escapedSides(reason),
          })),
        }),
    notes: body.notes.map(escapeText),
    truncated: body.truncated,
  };
}

function escapedSide({ name, text, size, sha256 }: Side): Side {
  return {
    ...(name === undefined ? {} : { name: escapeText(name) }),
    ...(size === undefined ? {} : { size }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(text === undefined ? {} : { text: text.split('\n').map(escapeText).join('\n') }),
  };
}

function escapedSides({ left, right }: { readonly left?: string; readonly right?: string }) {
  return {
    ...(left === undefined ? {} : { left: escapeText(left) }),
    ...(right === undefined ? {} : { right: escapeText(right) }),
  };
}
