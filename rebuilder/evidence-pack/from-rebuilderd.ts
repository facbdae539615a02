import { z } from 'zod';
import type { Piece } from '../../attest/verify/index.ts';
import { isReproofError, ReproofError } from '../../model/index.ts';
import type { FetchDocument } from './gather.ts';

const LIST_BYTES = 4 * 1024 ** 2;
const LINK_BYTES = 1024 ** 2;
/** A server lists one build of a file, or one for each time it was rebuilt. */
const MOST_LINKS = 20;

const id = z.int().positive().nullish();
const listing = z.object({
  records: z.array(z.object({ build_id: id, artifact_id: id, version: z.string() })).max(1_000),
});

/**
 * The links that a server with rebuilderd's API has of a published file. Its answers are believed in nothing: a link
 * counts by its signature, with a key of the policy. Throws FETCH_*, EVIDENCE_MALFORMED, USAGE for a name of no package.
 */
export async function linksFromRebuilderd(
  server: string,
  fileName: string,
  fetchDocument: FetchDocument,
): Promise<readonly Piece[]> {
  const [name, version, architecture] = /^([^_]+)_([^_]+)_([^_.]+)\.u?deb$/.exec(fileName)?.slice(1) ?? [];
  if (name === undefined || version === undefined || architecture === undefined)
    throw new ReproofError(
      'USAGE',
      `asking ${server} about ${fileName}: it is not named NAME_VERSION_ARCHITECTURE.deb`,
    );
  const base = server.replace(/\/+$/, '');
  const query = new URLSearchParams({ name, architecture, limit: '1000' });
  const listed = readListing(await fetchDocument(`${base}/api/v1/packages/binary?${query}`, LIST_BYTES), server);
  // A file's name lacks the epoch of its version.
  const records = listed.filter((one) => one.version.replace(/^[0-9]+:/, '') === version);
  const pieces: Piece[] = [];
  for (const { build_id, artifact_id } of records.toReversed().slice(0, MOST_LINKS)) {
    if (build_id === null || build_id === undefined || artifact_id === null || artifact_id === undefined) continue;
    const place = `${base}/api/v1/builds/${build_id}/artifacts/${artifact_id}/attestation`;
    const bytes = await unlessThere(fetchDocument(place, LINK_BYTES));
    if (bytes !== undefined) pieces.push({ place, bytes });
  }
  return pieces;
}

function readListing(bytes: Uint8Array, server: string): z.infer<typeof listing>['records'] {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    value = undefined;
  }
  const read = listing.safeParse(value);
  if (read.success) return read.data.records;
  throw new ReproofError('EVIDENCE_MALFORMED', `asking ${server} for packages: its answer is no list of them`);
}

/** Only what was reproduced has a link. */
async function unlessThere<T>(fetched: Promise<T>): Promise<T | undefined> {
  try {
    return await fetched;
  } catch (error) {
    if (isReproofError(error, 'FETCH_NOT_FOUND')) return undefined;
    throw error;
  }
}
