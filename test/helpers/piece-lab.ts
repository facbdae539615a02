import path from 'node:path';
import { onTestFinished } from 'vitest';
import { canonicalJson, type Difference } from '../../model/index.ts';
import { type DifferenceReader, openPieces, PIECE_LIMITS, type Pieces } from '../../rebuilder/server/pieces/index.ts';
import type { PieceLimits } from '../../rebuilder/server/pieces/open-pieces.ts';
import { type BlobStore, openBlobs } from '../../rebuilder/store/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Real blobs and their pieces in an empty folder, closed with the test. */
export async function openPieceLab(limits: Partial<PieceLimits> = {}): Promise<{
  readonly folder: string;
  readonly blobs: BlobStore;
  readonly pieces: Pieces;
  readonly keep: (content: string | Uint8Array) => Promise<string>;
}> {
  const folder = await temporaryFolder();
  const blobs = await openBlobs(path.join(folder, 'blobs'));
  const pieces = await openPieces(path.join(folder, 'pieces'), blobs, { ...PIECE_LIMITS, ...limits });
  onTestFinished(() => pieces.close());
  return {
    folder,
    blobs,
    pieces,
    keep: async (content) => (await blobs.put('test', [Buffer.from(content)] as never, 1e9)).sha256,
  };
}

/** A tree put together from its pieces alone. */
export async function joinTree(reader: DifferenceReader, tree = 0, number = 0): Promise<Difference> {
  const { body, children, pieces, hasPicture } = await reader.node(tree, number, { from: 0, limit: 0 });
  const inside: Difference[] = [];
  for (let from = 0; from < children; from += 3) {
    const page = await reader.node(tree, number, { from, limit: 3 });
    for (const child of page.inside) inside.push(await joinTree(reader, tree, child.node));
  }
  let diff = '';
  for (let piece = 0; piece < pieces; piece++) diff += (await reader.lines(tree, number, piece)).text;
  return {
    ...body,
    ...(pieces === 0 ? {} : { diff }),
    ...(hasPicture ? { picture: await reader.picture(tree, number) } : {}),
    children: inside,
  };
}

/** A tree as its blob holds it. */
export function treeJson(tree: Difference): string {
  return canonicalJson(tree);
}
