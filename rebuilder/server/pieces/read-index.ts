import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import { ReproofError } from '../../../model/index.ts';
import type { DiffPiece } from './diff-pieces.ts';
import type { IndexedNode, Span } from './difference-index.ts';
import {
  HEAD_AT,
  INDEX_VERSION,
  type IndexHead,
  MAGIC,
  NO_PARENT,
  NODE_BYTES,
  OFFSET_BYTES,
  PIECE_BYTES,
  PLACE_BYTES,
} from './index-layout.ts';
import type { NodeOutline } from './outline.ts';

const FIRST_BYTES = 4096;
/** More trees than any rebuild has. */
const LARGEST_HEAD = 1024 ** 2;
const LARGEST_OUTLINE = 16 * 1024;

const indexHead = z.strictObject({
  version: z.literal(INDEX_VERSION),
  nodes: z.number(),
  pieces: z.number(),
  outlineBytes: z.number(),
  restBytes: z.number(),
  trees: z.array(z.number()).readonly(),
});

/** A node as its index has it. Children lie beside each other from `firstChild`, a place. */
export type StoredNode = Omit<IndexedNode, 'children' | 'pieces' | 'outline'> & {
  readonly place: number;
  readonly firstChild: number;
  readonly childCount: number;
  readonly firstPiece: number;
  readonly pieceCount: number;
  readonly outlineAt: number;
  readonly outlineBytes: number;
};

export type OutlinedNode = StoredNode & { readonly outline: NodeOutline };

/** An open index: nothing of it is in memory but its head. */
export type OpenIndex = {
  readonly head: IndexHead;
  /** By number. Undefined where there is none. */
  readonly node: (number: number) => Promise<OutlinedNode | undefined>;
  /** By place; outlines included. */
  readonly nodes: (place: number, count: number) => Promise<readonly OutlinedNode[]>;
  readonly pieces: (at: number, count: number) => Promise<readonly DiffPiece[]>;
  /** What a record holds beside its trees. */
  readonly rest: () => Promise<string>;
  readonly close: () => Promise<void>;
};

/** Opens an index. Undefined where there is none; throws STORE_CORRUPT for what is none of ours. */
export async function openIndex(file: string): Promise<OpenIndex | undefined> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new ReproofError('STORE_FAILED', `opening an index: ${error.message}`, { cause: error });
  });
  if (handle === undefined) return undefined;
  try {
    return await readHead(handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readHead(handle: FileHandle): Promise<OpenIndex> {
  const first = await readAt(handle, 0, FIRST_BYTES, 'at most');
  if (first.length < HEAD_AT || first.toString('latin1', 0, MAGIC.length) !== MAGIC) throw damaged();
  const length = first.readUInt32BE(MAGIC.length);
  if (length > LARGEST_HEAD) throw damaged();
  const text =
    HEAD_AT + length <= first.length
      ? first.subarray(HEAD_AT, HEAD_AT + length)
      : await readAt(handle, HEAD_AT, length, 'all');
  const head = indexHead.parse(JSON.parse(text.toString('utf8')));
  const placesAt = HEAD_AT + length;
  const nodesAt = placesAt + head.nodes * PLACE_BYTES;
  const piecesAt = nodesAt + head.nodes * NODE_BYTES;
  const outlinesAt = piecesAt + head.pieces * PIECE_BYTES;

  const nodes = async (place: number, count: number): Promise<readonly OutlinedNode[]> => {
    if (count <= 0) return [];
    if (place + count > head.nodes) throw damaged();
    const table = await readAt(handle, nodesAt + place * NODE_BYTES, count * NODE_BYTES, 'all');
    const stored = Array.from({ length: count }, (_, index) => nodeOf(table, index, place + index));
    const [begin, last] = [stored[0]?.outlineAt ?? 0, stored.at(-1)];
    const end = (last?.outlineAt ?? 0) + (last?.outlineBytes ?? 0);
    if (end - begin > count * LARGEST_OUTLINE || end < begin) throw damaged();
    const outlines = await readAt(handle, outlinesAt + begin, end - begin, 'all');
    return stored.map((node) => {
      const at = node.outlineAt - begin;
      const json = outlines.toString('utf8', at, at + node.outlineBytes);
      return { ...node, outline: JSON.parse(json) as NodeOutline };
    });
  };

  return {
    head,
    nodes,
    node: async (number) => {
      if (number < 0 || number >= head.nodes) return undefined;
      const place = await readAt(handle, placesAt + number * PLACE_BYTES, PLACE_BYTES, 'all');
      return (await nodes(place.readUInt32BE(), 1))[0];
    },
    pieces: async (at, count) => {
      if (at < 0 || at + count > head.pieces) throw damaged();
      const table = await readAt(handle, piecesAt + at * PIECE_BYTES, count * PIECE_BYTES, 'all');
      return Array.from({ length: count }, (_, index) => pieceOf(table.subarray(index * PIECE_BYTES)));
    },
    rest: async () => (await readAt(handle, outlinesAt + head.outlineBytes, head.restBytes, 'all')).toString('utf8'),
    close: () => handle.close(),
  };
}

function nodeOf(table: Buffer, index: number, place: number): StoredNode {
  let at = index * NODE_BYTES;
  const span = (): Span => {
    const begin = table.readUIntBE(at, OFFSET_BYTES);
    const end = table.readUIntBE(at + OFFSET_BYTES, OFFSET_BYTES);
    at += 2 * OFFSET_BYTES;
    return { at: begin, end };
  };
  const count = (): number => {
    at += 4;
    return table.readUInt32BE(at - 4);
  };
  const [whole, inner, diff, picture] = [span(), span(), span(), span()];
  const [number, parent] = [count(), count()];
  return {
    place,
    whole,
    inner,
    diff,
    picture,
    number,
    parent: parent === NO_PARENT ? -1 : parent,
    size: count(),
    firstChild: count(),
    childCount: count(),
    firstPiece: count(),
    pieceCount: count(),
    outlineAt: count(),
    outlineBytes: count(),
  };
}

function pieceOf(row: Buffer): DiffPiece {
  const [bytes, line, lines, left, right] = [8, 12, 16, 20, 24].map((at) => row.readUInt32BE(at)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { at: row.readUIntBE(0, OFFSET_BYTES), inside: row.readUInt16BE(6) === 1, bytes, line, lines, left, right };
}

/** Bytes of a file from a place on. Throws STORE_CORRUPT where there are fewer, unless `at most` so many are wanted. */
export async function readAt(
  handle: FileHandle,
  at: number,
  length: number,
  wanted: 'all' | 'at most',
): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let have = 0;
  while (have < length) {
    const { bytesRead } = await handle.read(buffer, have, length - have, at + have);
    if (bytesRead === 0) break;
    have += bytesRead;
  }
  if (have < length && wanted === 'all') throw damaged();
  return buffer.subarray(0, have);
}

function damaged(): ReproofError {
  return new ReproofError('STORE_CORRUPT', 'reading an index of differences: it is damaged');
}
