import type { FileDigest, Sha256 } from '../../model/index.ts';

/**
 * A file in the content-addressed cache, read-only. The path stays good while the fetcher that gave it is open: its
 * lease keeps pruneCache away from what it used.
 */
export type CachedFile = {
  readonly path: string;
  readonly size: number;
  readonly sha256: Sha256;
  readonly fromCache: boolean;
};

/** Called as bytes arrive; totals are in bytes and may grow. `bytesDone` may fall when a file is begun again. */
export type FetchProgress = (state: {
  readonly files: number;
  readonly filesDone: number;
  readonly bytes: number;
  readonly bytesDone: number;
}) => void;

/**
 * The product's only way out to the network. Every byte it hands on was checked against a digest, or is a document
 * that its caller verifies itself (a signed Release file).
 */
export interface Fetcher {
  /**
   * Brings one file of known content. Tries `urls` in order; resumes what an earlier try left; retries what may pass.
   * Throws FETCH_NOT_FOUND when every address answers 404 or 410, FETCH_DIGEST_MISMATCH or FETCH_SIZE_MISMATCH when the
   * bytes are not the ones named (or always end too soon), FETCH_TOO_LARGE when the size asked for passes the fetcher's
   * own limit, FETCH_TIMEOUT, FETCH_REDIRECT_REFUSED, FETCH_FAILED, INTERRUPTED. When addresses fail in different ways,
   * the first failure other than FETCH_NOT_FOUND is the one thrown.
   */
  fetchFile(file: FileDigest & { readonly urls: readonly string[] }, signal: AbortSignal): Promise<CachedFile>;
  /**
   * The same for many, several at a time; the first failure ends the rest, and is thrown once all have ended. Results
   * in the order asked.
   */
  fetchFiles(
    files: readonly (FileDigest & { readonly urls: readonly string[] })[],
    options: { readonly signal: AbortSignal; readonly onProgress?: FetchProgress },
  ): Promise<readonly CachedFile[]>;
  /**
   * Brings a file that its server names by SHA-1 and size only (snapshot.debian.org), and gives its SHA-256. SHA-1 keeps
   * mistakes out, not forgers: the caller records that nothing signed vouched for it. Not resumed. Throws as fetchFile.
   */
  fetchBySha1(
    file: { readonly name: string; readonly size: number; readonly sha1: string; readonly urls: readonly string[] },
    signal: AbortSignal,
  ): Promise<CachedFile>;
  /**
   * A document whose content is not known beforehand (InRelease, a snapshot's JSON, a .buildinfo). Revalidated with the
   * server each time; also kept in the cache under its digest. `url` is the address that answered, after redirects and
   * without credentials. Throws FETCH_TOO_LARGE past maxBytes, and as fetchFile.
   */
  fetchDocument(
    url: string,
    options: { readonly maxBytes: number; readonly signal: AbortSignal },
  ): Promise<{ readonly bytes: Uint8Array; readonly sha256: Sha256; readonly url: string }>;
  /**
   * Puts bytes made here (a decompressed index) into the cache under their digest. When the file is there already the
   * stream is closed unread. Throws FETCH_DIGEST_MISMATCH when they are others: as soon as there are more of them than
   * expected, or at the end.
   */
  keep(
    stream: AsyncIterable<Uint8Array>,
    expected: { readonly name: string; readonly sha256: Sha256; readonly size: number },
  ): Promise<CachedFile>;
  /**
   * The file of this digest when it is in the cache with the right bytes. They are read the first time this fetcher is
   * asked for them; a file that decayed is deleted.
   */
  cached(sha256: Sha256): Promise<CachedFile | undefined>;
  /** Ends what still runs with INTERRUPTED, and gives up the lease on the cache. */
  close(): Promise<void>;
}
