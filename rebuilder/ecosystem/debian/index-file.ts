import { createReadStream } from 'node:fs';
import { isReproofError, ReproofError, type Sha256, type Verification } from '../../../model/index.ts';
import { streamProgram } from '../../../programs/index.ts';
import type { CachedFile, Fetcher } from '../../fetch/types.ts';
import type { ArchiveName } from './mirrors.ts';
import type { VerifiedSuite } from './release.ts';
import type { ReleaseEntry } from './release-file.ts';

/** An uncompressed index of a verified suite, in the cache, with the digest the Release file gives. */
export type IndexFile = {
  readonly archive: ArchiveName;
  readonly suite: string;
  readonly component: string;
  /** Under dists/SUITE/, such as main/binary-amd64/Packages or main/source/Sources. */
  readonly path: string;
  readonly sha256: Sha256;
  readonly size: number;
  /** Where it lies on this machine; good while the fetcher is open. */
  readonly file: string;
  readonly verification: Extract<Verification, { kind: 'index' }>;
};

/** Which index of a suite: the binaries of an architecture, or the sources, of one component. */
export type IndexRequest = {
  readonly component: string;
  readonly kind: { readonly packages: string } | 'sources';
  /** The installer's own packages (.udeb) instead. */
  readonly debianInstaller?: boolean;
};

export type OpenIndexOptions = { readonly fetcher: Fetcher; readonly signal: AbortSignal };

const DECOMPRESS_SECONDS = 600;
const COMPRESSIONS = [
  { suffix: '.xz', argv: ['xz', '-dcq', '--memlimit-decompress=512MiB'] },
  { suffix: '.gz', argv: ['gzip', '-dcq'] },
] as const;

/** An index's path under dists/SUITE/, uncompressed. */
export function indexPath({ component, kind, debianInstaller }: IndexRequest): string {
  const folder = debianInstaller ? `${component}/debian-installer` : component;
  return kind === 'sources' ? `${component}/source/Sources` : `${folder}/binary-${kind.packages}/Packages`;
}

/**
 * Brings an index: fetched compressed by the digest in the Release file, decompressed, and kept under the digest the
 * Release file gives for the uncompressed one, so that a second call only looks into the cache. Undefined when the
 * Release file lists no such index (an architecture or component that does not exist there).
 * Throws INDEX_MALFORMED when the decompressed bytes are not the ones listed, RELEASE_MALFORMED when the Release file
 * lists only one of the two forms, PROGRAM_MISSING, and as Fetcher.fetchFile.
 */
export async function openIndex(
  suite: VerifiedSuite,
  request: IndexRequest,
  { fetcher, signal }: OpenIndexOptions,
): Promise<IndexFile | undefined> {
  const path = indexPath(request);
  const { files } = suite.release;
  const plain = files.get(path);
  const compression = COMPRESSIONS.find(({ suffix }) => files.has(path + suffix));
  if (plain === undefined && compression === undefined) return undefined;
  if (plain === undefined || compression === undefined) {
    const why = plain === undefined ? 'only compressed' : 'only uncompressed';
    throw new ReproofError('RELEASE_MALFORMED', `reading the Release file of ${suite.suite}: it lists ${path} ${why}`);
  }
  const cached = await fetcher.cached(plain.sha256);
  const kept =
    cached?.size === plain.size ? cached : await bring(suite, { path, plain, compression }, { fetcher, signal });
  const { archive, suite: name } = suite;
  const { sha256, size } = plain;
  return {
    archive,
    suite: name,
    component: request.component,
    path,
    sha256,
    size,
    file: kept.path,
    verification: { kind: 'index', archive, suite: name, path, sha256 },
  };
}

type Wanted = {
  readonly path: string;
  readonly plain: ReleaseEntry;
  readonly compression: (typeof COMPRESSIONS)[number];
};

async function bring(suite: VerifiedSuite, wanted: Wanted, { fetcher, signal }: OpenIndexOptions): Promise<CachedFile> {
  const { plain, compression } = wanted;
  const path = wanted.path + compression.suffix;
  const entry = suite.release.files.get(path) as ReleaseEntry;
  const folder = path.slice(0, path.lastIndexOf('/'));
  const byHash = suite.release.acquireByHash ? [`${suite.suiteUrl}/${folder}/by-hash/SHA256/${entry.sha256}`] : [];
  const name = path.slice(folder.length + 1);
  const compressed = await fetcher.fetchFile(
    { name, ...entry, urls: [...byHash, `${suite.suiteUrl}/${path}`] },
    signal,
  );
  const what = `decompressing ${path} of ${suite.suite}`;
  try {
    const stream = streamProgram(compression.argv, {
      limits: { wallSeconds: DECOMPRESS_SECONDS, outputBytes: plain.size },
      input: fileBytes(compressed.path),
      signal,
    });
    return await fetcher.keep(stream, { name: wanted.path.slice(folder.length + 1), ...plain });
  } catch (error) {
    const isTooLong = isReproofError(error, 'PROGRAM_LIMIT') && error.context.maxBytes !== undefined;
    if (!isTooLong && !isReproofError(error, 'PROGRAM_FAILED', 'FETCH_DIGEST_MISMATCH', 'FETCH_SIZE_MISMATCH'))
      throw error;
    throw new ReproofError('INDEX_MALFORMED', `${what}: not the ${plain.size} bytes the Release file lists`, {
      cause: error,
    });
  }
}

/** Opens the file only when it is read: a stream that nobody reads would stay open. */
async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path);
}
