import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isReproofError, ReproofError, type Sha256 } from '../../../model/index.ts';
import type { BlobStore } from '../../store/index.ts';
import { removeLeftovers, temporaryName } from '../../store/temporary.ts';
import type { PieceKind, PieceTask } from './make-pieces.ts';
import { type DifferenceReader, openDifference } from './read-difference.ts';
import { openText, type TextReader } from './read-text.ts';
import { pieceThread, type ThreadLimits } from './run-in-thread.ts';

/**
 * Large blobs, readable a part at a time. What is made for that lies in a folder beside the blobs, is made once for each
 * blob in a thread, and may be deleted at any time.
 */
export type Pieces = {
  /**
   * The trees in a blob: of a tree of differences, or of a record. Whoever opens closes. Throws RESOURCE_UNKNOWN where there is no
   * such blob (any more), FORMAT_MALFORMED, FORMAT_LIMIT, BLOB_CORRUPT, SERVER_UNAVAILABLE, STORE_*.
   */
  readonly difference: (sha256: Sha256 | undefined, kind: 'tree' | 'record') => Promise<DifferenceReader>;
  /** The same of a log, or another text: packed or as it is. */
  readonly text: (sha256: Sha256 | undefined) => Promise<TextReader>;
  /** Makes pieces of what is large before somebody asks for them; small blobs are quick to be made when they are. */
  readonly prepare: (sha256: Sha256, kind: PieceKind) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type PieceLimits = PieceTask['limits'] & ThreadLimits;

const MEBIBYTE = 1024 ** 2;
export const PIECE_LIMITS: PieceLimits = {
  lines: 400,
  bytes: 64 * 1024,
  nodes: 500_000,
  bodyBytes: 8 * MEBIBYTE,
  depth: 200,
  textBytes: 1024 * MEBIBYTE,
  taskSeconds: 120,
  idleSeconds: 30,
  memoryMebibytes: 1024,
  waiting: 200,
};

/** How many blobs are remembered that cannot be read: nobody makes us try again and again. */
const FAILURES = 1000;
/** What is smaller is made in a moment. Packed text is several times as long. */
const PREPARED_BYTES = 512 * 1024;

/** Opens the pieces in a folder, made as needed (0700). Throws STORE_FAILED. */
export async function openPieces(
  folder: string,
  blobs: BlobStore,
  limits: PieceLimits = PIECE_LIMITS,
): Promise<Pieces> {
  const temporary = path.join(folder, 'tmp');
  try {
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    await removeLeftovers(temporary);
  } catch (cause) {
    throw new ReproofError('STORE_FAILED', `making the folder ${folder}: ${(cause as Error).message}`, { cause });
  }
  const thread = pieceThread(limits);
  const making = new Map<string, Promise<void>>();
  const failed = new Map<string, ReproofError>();
  const fileOf = (sha256: Sha256, kind: PieceKind): string =>
    path.join(folder, sha256.slice(0, 2), `${sha256}.${kind}`);

  const make = async (sha256: Sha256, kind: PieceKind): Promise<void> => {
    const file = fileOf(sha256, kind);
    const known = failed.get(file);
    if (known !== undefined) throw known;
    const blob = await blobs.path(sha256);
    if (blob === undefined) throw unknown();
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const task = { kind, sha256, blob, file, temporary: path.join(temporary, temporaryName()), limits };
    const work = making.get(file) ?? thread.run(task).finally(() => making.delete(file));
    making.set(file, work);
    await work.catch((error: unknown) => {
      if (isReproofError(error, 'FORMAT_MALFORMED', 'FORMAT_LIMIT', 'BLOB_CORRUPT', 'REQUEST_INVALID')) {
        failed.set(file, error);
        if (failed.size > FAILURES) failed.delete(failed.keys().next().value as string);
      }
      throw error;
    });
  };
  const opened = async <Reader>(
    sha256: Sha256 | undefined,
    kind: PieceKind,
    open: (file: string, blob: string) => Promise<Reader | undefined>,
  ): Promise<Reader> => {
    if (sha256 === undefined) throw unknown();
    const blob = await blobs.path(sha256);
    if (blob === undefined) throw unknown();
    const file = fileOf(sha256, kind);
    const there = await open(file, blob).catch((error: unknown) => {
      // An index of an older version, or a damaged one: it is made again.
      if (error instanceof ReproofError && error.code !== 'STORE_CORRUPT') throw error;
      return undefined;
    });
    if (there !== undefined) return there;
    await make(sha256, kind);
    const made = await open(file, blob);
    if (made === undefined) throw unknown();
    return made;
  };

  return {
    difference: (sha256, kind) => opened(sha256, kind, openDifference),
    text: (sha256) => opened(sha256, 'text', (file) => openText(file)),
    prepare: async (sha256, kind) => {
      const blob = await blobs.path(sha256);
      if (blob === undefined || (await stat(blob)).size < PREPARED_BYTES) return;
      const reader = await opened<{ close: () => Promise<void> }>(
        sha256,
        kind,
        kind === 'text' ? (file) => openText(file) : openDifference,
      );
      await reader.close();
    },
    close: () => thread.close(),
  };
}

function unknown(): ReproofError {
  return new ReproofError('RESOURCE_UNKNOWN', 'reading what is kept of a rebuild: there is none, or none any more');
}
