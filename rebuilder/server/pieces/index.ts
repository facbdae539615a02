export { openPieces, PIECE_LIMITS, type Pieces } from './open-pieces.ts';
export type { DifferenceReader, DiffText, ListedNode, ListedTree, ShownNode } from './read-difference.ts';
export type { TextLine, TextMatches, TextPage, TextReader } from './read-text.ts';
