import type { DiffPiece } from './diff-pieces.ts';
import type { IndexedNode, Span, TreeIndex } from './difference-index.ts';

/*
 * An index lies in a file of its own: "RPIX" and the length of the head (4 bytes), the head as JSON, then the places of
 * nodes by number (4 bytes each), the nodes (NODE_BYTES each), the pieces (PIECE_BYTES each), the outlines, the rest of
 * a record. Children of a node lie beside each other, so that a list of them is read at once.
 */
export const MAGIC = 'RPIX';
export const HEAD_AT = 8;
export const PLACE_BYTES = 4;
export const NODE_BYTES = 84;
export const PIECE_BYTES = 28;
export const OFFSET_BYTES = 6;
/** The parent of a tree's top. */
export const NO_PARENT = 0xffffffff;
export const INDEX_VERSION = 1;

/** What an index begins with. */
export type IndexHead = {
  readonly version: number;
  readonly nodes: number;
  readonly pieces: number;
  readonly outlineBytes: number;
  readonly restBytes: number;
  /** The numbers of the trees' tops. */
  readonly trees: readonly number[];
};

/** An index as the bytes of its file, a part at a time. */
export function* writeIndex(index: TreeIndex): Generator<Buffer> {
  const order = inLevels(index);
  const outlines = order.map((node) => Buffer.from(JSON.stringify(node.outline)));
  const rest = Buffer.from(index.rest ?? '');
  const text = Buffer.from(
    JSON.stringify({
      version: INDEX_VERSION,
      nodes: order.length,
      pieces: order.reduce((sum, { pieces }) => sum + pieces.length, 0),
      outlineBytes: outlines.reduce((sum, { length }) => sum + length, 0),
      restBytes: rest.length,
      trees: index.trees,
    } satisfies IndexHead),
  );
  const begin = Buffer.alloc(HEAD_AT);
  begin.write(MAGIC, 'latin1');
  begin.writeUInt32BE(text.length, 4);
  yield begin;
  yield text;
  yield placesOf(order);
  yield nodesOf(order, outlines);
  for (const { pieces } of order) if (pieces.length > 0) yield piecesOf(pieces);
  yield Buffer.concat(outlines);
  yield rest;
}

/** The trees' tops, then all that is in them, and so on. */
function inLevels({ nodes, trees }: TreeIndex): readonly IndexedNode[] {
  const order = trees.map((number) => nodes[number] as IndexedNode);
  for (let at = 0; at < order.length; at++)
    for (const child of (order[at] as IndexedNode).children) order.push(nodes[child] as IndexedNode);
  return order;
}

function placesOf(order: readonly IndexedNode[]): Buffer {
  const places = Buffer.alloc(order.length * PLACE_BYTES);
  order.forEach(({ number }, place) => {
    places.writeUInt32BE(place, number * PLACE_BYTES);
  });
  return places;
}

function nodesOf(order: readonly IndexedNode[], outlines: readonly Buffer[]): Buffer {
  const table = Buffer.alloc(order.length * NODE_BYTES);
  const places = new Map(order.map(({ number }, place) => [number, place]));
  let [piece, outlineAt] = [0, 0];
  order.forEach((node, place) => {
    let at = place * NODE_BYTES;
    for (const span of [node.whole, node.inner, node.diff, node.picture]) at = writeSpan(table, span, at);
    const outlineBytes = (outlines[place] as Buffer).length;
    for (const value of [
      node.number,
      node.parent < 0 ? NO_PARENT : node.parent,
      node.size,
      node.children.length === 0 ? 0 : (places.get(node.children[0] as number) as number),
      node.children.length,
      piece,
      node.pieces.length,
      outlineAt,
      outlineBytes,
    ])
      at = table.writeUInt32BE(value, at);
    piece += node.pieces.length;
    outlineAt += outlineBytes;
  });
  return table;
}

function writeSpan(table: Buffer, span: Span, at: number): number {
  return table.writeUIntBE(span.end, table.writeUIntBE(span.at, at, OFFSET_BYTES), OFFSET_BYTES);
}

function piecesOf(pieces: readonly DiffPiece[]): Buffer {
  const table = Buffer.alloc(pieces.length * PIECE_BYTES);
  pieces.forEach(({ at, bytes, line, lines, left, right, inside }, index) => {
    let place = table.writeUInt16BE(inside ? 1 : 0, table.writeUIntBE(at, index * PIECE_BYTES, OFFSET_BYTES));
    for (const value of [bytes, line, lines, left, right]) place = table.writeUInt32BE(value, place);
  });
  return table;
}
