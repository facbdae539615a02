import { isReproofError, type Sha256 } from '../../../model/index.ts';
import type { Database } from '../database.ts';
import type { BlobStore } from '../types.ts';
import { checkRows } from './check-rows.ts';
import { rebuildHolders, resultHolders } from './holders.ts';

export type FsckReport = {
  /** Whether nothing is damaged or missing. */
  readonly ok: boolean;
  /** What is wrong with the database and its rows; a line each. */
  readonly database: readonly string[];
  readonly blobs: number;
  readonly bytes: number;
  /** Blobs whose bytes are others, and those that are not there with who refers to them first. The first 1000 of each. */
  readonly damaged: readonly Sha256[];
  readonly missing: readonly { readonly sha256: Sha256; readonly by: string }[];
  /** Not there because a rule let them go. */
  readonly pruned: number;
  /** There, and referred to by nothing: no damage. `reproof prune` removes them in time. */
  readonly orphaned: number;
};

const MOST_NAMED = 1000;

/**
 * Looks at everything that is kept: every blob's bytes (unless `quick`), every reference to a blob, the database by its
 * own checks, every stored text's digest, and what has to agree between rows. Changes nothing. Memory grows with the
 * number of blobs, about 100 bytes each.
 */
export async function fsck(
  { database, blobs }: { readonly database: Database; readonly blobs: BlobStore },
  { quick, signal }: { readonly quick: boolean; readonly signal?: AbortSignal },
): Promise<FsckReport> {
  const unreferenced = new Set<Sha256>();
  const there = new Set<Sha256>();
  const damaged: Sha256[] = [];
  let bytes = 0;
  for await (const { sha256, size } of blobs.list()) {
    signal?.throwIfAborted();
    there.add(sha256);
    unreferenced.add(sha256);
    bytes += size;
    if (!quick && !(await isSound(blobs, sha256))) damaged.push(sha256);
  }
  const missing = new Map<Sha256, string>();
  const pruned = new Set<Sha256>();
  for (const holders of [resultHolders(database), rebuildHolders(database)]) {
    for await (const { name, blobs: held } of holders) {
      signal?.throwIfAborted();
      for (const { sha256, certain } of held) {
        unreferenced.delete(sha256);
        if (!certain || there.has(sha256) || missing.has(sha256) || pruned.has(sha256)) continue;
        if (await wasPruned(database, sha256)) pruned.add(sha256);
        // It may have been put since the list was read.
        else if ((await blobs.path(sha256)) === undefined) missing.set(sha256, name);
      }
    }
  }
  const problems = [...(await database.check()), ...(await checkRows(database, signal))];
  return {
    ok: problems.length === 0 && damaged.length === 0 && missing.size === 0,
    database: problems,
    blobs: there.size,
    bytes,
    damaged: damaged.slice(0, MOST_NAMED),
    missing: [...missing].slice(0, MOST_NAMED).map(([sha256, by]) => ({ sha256, by })),
    pruned: pruned.size,
    orphaned: unreferenced.size,
  };
}

async function isSound(blobs: BlobStore, sha256: Sha256): Promise<boolean> {
  try {
    for await (const chunk of blobs.read(sha256)) void chunk;
    return true;
  } catch (error) {
    if (!isReproofError(error, 'BLOB_CORRUPT')) throw error;
    // Removed by a rule since it was listed: that is no damage.
    return (await blobs.path(sha256)) === undefined;
  }
}

async function wasPruned(database: Database, sha256: Sha256): Promise<boolean> {
  const row = await database.read(`looking whether blob ${sha256} was pruned`, (db) =>
    db.selectFrom('pruned_blob').select('sha256').where('sha256', '=', sha256).executeTakeFirst(),
  );
  return row !== undefined;
}
