import PQueue from 'p-queue';
import { type FileDigest, isReproofError, ReproofError, type Sha256 } from '../../model/index.ts';
import { displayName, parseAddress } from './address.ts';
import { bringBySha1 } from './by-sha1.ts';
import { fetchDocument } from './document.ts';
import { download } from './download.ts';
import { interrupted } from './failure.ts';
import { keepStream } from './keep.ts';
import { takeLease } from './lease.ts';
import { type Claim, claimPartial, GrowingFile, partialSize } from './partial.ts';
import { openDispatcher, type ProxySettings } from './proxy.ts';
import { type RetryPolicy, wait } from './retry.ts';
import { SoundFiles } from './sound-files.ts';
import type { CachedFile, Fetcher } from './types.ts';

export type FetcherOptions = {
  /** On a local file system, writable by this user alone. Made when it is not there; shared by any number of processes. */
  readonly cacheFolder: string;
  /** Requests at a time, over all calls. 8 when not given. */
  readonly concurrency?: number;
  /** How long a server may be silent before a try is given up. 30 when not given. */
  readonly stallSeconds?: number;
  /** Tries of one address, the first included. 4 when not given. */
  readonly tries?: number;
  /** The wait before the second try; it doubles with each. 500 when not given. */
  readonly backoffMillis?: number;
  /** Upper limit of one wait between tries, whatever Retry-After says. 60000 when not given. */
  readonly longestWaitMillis?: number;
  /** The largest file that is ever asked for, in bytes. 16 GiB when not given. */
  readonly maxFileBytes?: number;
  /** None when not given: process.env is not looked at; see proxyFromEnvironment. */
  readonly proxy?: ProxySettings;
};

type Wanted = FileDigest & { readonly urls: readonly string[] };
type Options = { readonly signal: AbortSignal; readonly onBytes: (bytesOfFile: number) => void };

/** How often a file that another live owner is bringing is looked at. */
const LOOK_MILLIS = 50;

/** Failures of the cache's own disk, told as ours; other errors unchanged. */
function told(error: unknown, name: string): unknown {
  if (isReproofError(error)) return error;
  const { syscall, message } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  return new ReproofError('FETCH_FAILED', `writing ${displayName(name)} to the cache: ${message}`, { cause: error });
}

/**
 * Opens the way out to the network, over a cache folder of this layout: see cache.ts. Close it when done.
 * Throws SETTINGS_INVALID for an unusable proxy address, FETCH_FAILED when the cache folder cannot be written.
 */
export function openFetcher(options: FetcherOptions): Fetcher {
  const { cacheFolder, maxFileBytes = 16 * 1024 ** 3 } = options;
  const stallMillis = (options.stallSeconds ?? 30) * 1000;
  const client = { dispatcher: openDispatcher(options.proxy ?? {}), stallMillis };
  const policy: RetryPolicy = {
    tries: options.tries ?? 4,
    backoffMillis: options.backoffMillis ?? 500,
    longestWaitMillis: options.longestWaitMillis ?? 60_000,
  };
  const queue = new PQueue({ concurrency: options.concurrency ?? 8 });
  const closing = new AbortController();
  const lease = openLease(cacheFolder);
  const sound = new SoundFiles(cacheFolder);

  async function bring(wanted: Wanted, { signal, onBytes }: Options): Promise<CachedFile> {
    if (signal.aborted) throw interrupted(wanted.name);
    checkSize(wanted, maxFileBytes);
    const known = await sound.wanted(wanted);
    if (known !== undefined) return known;
    const found = await claimOrWait({ cacheFolder, sound }, wanted, { signal, patienceMillis: stallMillis });
    if (found.kind === 'cached') return found.file;
    const { claim } = found;
    try {
      // Whoever held the claim before may have ended just now, with the file in its place.
      const meanwhile = claim && (await sound.wanted(wanted));
      if (meanwhile !== undefined) return meanwhile;
      const file = claim
        ? await GrowingFile.resume(cacheFolder, wanted.sha256, wanted.size)
        : await GrowingFile.temporary(cacheFolder);
      try {
        await download(wanted, file, { client, policy, signal, onBytes });
        return sound.add(await file.publish(cacheFolder));
      } finally {
        await file.close({ keep: claim !== undefined });
      }
    } finally {
      await claim?.release();
    }
  }

  /** Runs one piece of work in its turn, under the caller's signal and close(). */
  async function inTurn<T>(name: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const either = AbortSignal.any([signal, closing.signal]);
    return await queue.add(async () => {
      if (either.aborted) throw interrupted(name);
      try {
        return await work(either);
      } catch (error) {
        throw told(error, name);
      }
    });
  }

  return {
    async fetchFile(file, signal) {
      return await inTurn(file.name, signal, (either) => bring(file, { signal: either, onBytes: () => {} }));
    },

    async fetchFiles(files, { signal, onProgress }) {
      const failing = new AbortController();
      const either = AbortSignal.any([signal, failing.signal]);
      const have = files.map(() => 0);
      const state = {
        files: files.length,
        filesDone: 0,
        bytes: files.reduce((sum, file) => sum + file.size, 0),
        bytesDone: 0,
      };
      let first: { readonly error: unknown } | undefined;
      const report = (index: number, bytesOfFile: number): void => {
        state.bytesDone += bytesOfFile - (have[index] ?? 0);
        have[index] = bytesOfFile;
        onProgress?.({ ...state });
      };
      const results = await Promise.all(
        files.map(async (file, index) => {
          try {
            const onBytes = (bytes: number): void => report(index, bytes);
            const result = await inTurn(file.name, either, (turn) => bring(file, { signal: turn, onBytes }));
            state.filesDone += 1;
            report(index, file.size);
            return result;
          } catch (error) {
            first ??= { error };
            failing.abort();
            return undefined;
          }
        }),
      );
      if (first !== undefined) throw first.error;
      return results.filter((result) => result !== undefined);
    },

    async fetchBySha1(file, signal) {
      checkSize(file, maxFileBytes);
      return await inTurn(file.name, signal, (either) =>
        bringBySha1(cacheFolder, file, { client, policy, signal: either, onBytes: () => {} }),
      );
    },

    async fetchDocument(text, { maxBytes, signal }) {
      const url = parseAddress(text, 'a document');
      return await inTurn('a document', signal, (either) =>
        fetchDocument(url, { client, policy, cacheFolder }, { maxBytes, signal: either }),
      );
    },

    async keep(stream, expected) {
      try {
        // One that decayed goes away here, so that the stream is read.
        await sound.find(expected.sha256);
        return sound.add(await keepStream(cacheFolder, stream, expected));
      } catch (error) {
        throw told(error, expected.name);
      }
    },

    async cached(sha256) {
      return await sound.find(sha256);
    },

    async close() {
      closing.abort();
      await queue.onIdle();
      await client.dispatcher.destroy();
      await lease.release();
    },
  };
}

function checkSize(wanted: { readonly name: string; readonly size: number }, maxFileBytes: number): void {
  if (!Number.isSafeInteger(wanted.size) || wanted.size < 0)
    throw new ReproofError('INTERNAL', `fetching ${displayName(wanted.name)}: ${wanted.size} is no size`);
  if (wanted.size <= maxFileBytes) return;
  const why = `${wanted.size} bytes, more than the ${maxFileBytes} that are ever fetched`;
  throw new ReproofError('FETCH_TOO_LARGE', `fetching ${displayName(wanted.name)}: ${why}`);
}

function openLease(cacheFolder: string): ReturnType<typeof takeLease> {
  try {
    return takeLease(cacheFolder);
  } catch (cause) {
    throw new ReproofError('FETCH_FAILED', `opening the cache folder ${cacheFolder}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

type Turn =
  | { readonly kind: 'cached'; readonly file: CachedFile }
  /** Without a claim the caller writes to a file of its own: another owner claims the digest and makes no progress. */
  | { readonly kind: 'download'; readonly claim: Claim | undefined };

/** Waits while another live owner brings the same file, as long as that grows. */
async function claimOrWait(
  { cacheFolder, sound }: { readonly cacheFolder: string; readonly sound: SoundFiles },
  wanted: { readonly name: string; readonly sha256: Sha256; readonly size: number },
  options: { readonly signal: AbortSignal; readonly patienceMillis: number },
): Promise<Turn> {
  let lastSize: number | undefined;
  let lastGrowth = performance.now();
  for (;;) {
    const claim = await claimPartial(cacheFolder, wanted.sha256);
    if (claim !== undefined) return { kind: 'download', claim };
    const size = await partialSize(cacheFolder, wanted.sha256);
    if (size !== lastSize) {
      lastSize = size;
      lastGrowth = performance.now();
    }
    if (performance.now() - lastGrowth > options.patienceMillis) return { kind: 'download', claim: undefined };
    await wait(LOOK_MILLIS * (0.5 + Math.random()), { name: wanted.name, signal: options.signal });
    const file = await sound.wanted(wanted);
    if (file !== undefined) return { kind: 'cached', file };
  }
}
