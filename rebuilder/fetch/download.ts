import { type FileDigest, isReproofError, ReproofError } from '../../model/index.ts';
import { displayName, parseAddress } from './address.ts';
import { failure, isCutShort } from './failure.ts';
import type { GrowingFile } from './partial.ts';
import { type Answer, type Client, get } from './request.ts';
import { type RetryPolicy, retrying } from './retry.ts';

/** What downloads share: the client, how often to try, and who wants to know how many bytes are there. */
export type Transfer = {
  readonly client: Client;
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  readonly onBytes: (bytesOfFile: number) => void;
};

type Wanted = FileDigest & { readonly url: URL };

/** The part of a file that an answer holds; undefined when its Content-Range is not the one asked for. */
function answeredRange(answer: Answer, from: number, size: number): { readonly end: number } | undefined {
  const [, start, last, total] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(answer.header('content-range') ?? '') ?? [];
  if (Number(start) !== from || Number(last) < from || Number(last) >= size) return undefined;
  if (total !== '*' && Number(total) !== size) return undefined;
  return { end: Number(last) + 1 };
}

/** Checks the size that an answer announces, when it does, against what must come. */
async function checkAnnounced(answer: Answer, wanted: Wanted, expected: number): Promise<void> {
  const announced = answer.header('content-length');
  if (announced === undefined || Number(announced) === expected) return;
  await answer.discard();
  throw failure('FETCH_SIZE_MISMATCH', `the server announces ${announced} bytes where ${expected} are expected`, {
    ...wanted,
    expected,
    found: Number(announced),
  });
}

async function receive(answer: Answer, wanted: Wanted, into: { file: GrowingFile; transfer: Transfer }): Promise<void> {
  const { file, transfer } = into;
  const endedEarly = (how: string, cause?: unknown): ReproofError => {
    const why = `${how} after ${file.size} of ${wanted.size} bytes`;
    return failure('FETCH_SIZE_MISMATCH', why, {
      ...wanted,
      expected: wanted.size,
      found: file.size,
      passes: true,
      cause,
    });
  };
  try {
    for await (const chunk of answer.body) {
      if (file.size + chunk.length > wanted.size) {
        await file.reset();
        throw failure('FETCH_SIZE_MISMATCH', `more bytes came than the ${wanted.size} expected`, wanted);
      }
      await file.append(chunk);
      transfer.onBytes(file.size);
    }
  } catch (error) {
    throw isCutShort(error) ? endedEarly('the connection closed', error) : error;
  }
  if (file.size < wanted.size) throw endedEarly('the answer ended');
}

type Attempt = 'whole' | 'range refused' | 'other content, was resumed';

async function attempt(wanted: Wanted, file: GrowingFile, transfer: Transfer): Promise<Attempt> {
  const from = file.size;
  if (from > 0 && from === wanted.size) return settle(wanted, file, true);
  const answer = await get(transfer.client, {
    name: wanted.name,
    url: wanted.url,
    headers: from > 0 ? { range: `bytes=${from}-` } : {},
    accept: from > 0 ? [206, 416] : [],
    signal: transfer.signal,
  });
  const range = answer.status === 206 ? answeredRange(answer, from, wanted.size) : undefined;
  if (answer.status !== 200 && range === undefined) {
    await answer.discard();
    return 'range refused';
  }
  await checkAnnounced(answer, wanted, range === undefined ? wanted.size : range.end - from);
  if (range === undefined) await file.reset();
  await receive(answer, wanted, { file, transfer });
  return settle(wanted, file, range !== undefined);
}

async function settle(wanted: Wanted, file: GrowingFile, resumed: boolean): Promise<Attempt> {
  const digest = file.digest();
  if (digest === wanted.sha256) return 'whole';
  await file.reset();
  if (resumed) return 'other content, was resumed';
  throw failure('FETCH_DIGEST_MISMATCH', `its SHA-256 is ${digest}, not ${wanted.sha256}`, {
    ...wanted,
    expected: wanted.sha256,
    found: digest,
  });
}

/**
 * Fills `file` from one address. What is in it already is taken for a beginning; when that does not lead to the digest
 * the file is begun again from zero, once; when the server does not give the rest, it is always asked for the whole.
 */
async function downloadFrom(wanted: Wanted, file: GrowingFile, transfer: Transfer): Promise<void> {
  let resumable = true;
  let begunAgain = false;
  await retrying(transfer.policy, { name: wanted.name, signal: transfer.signal }, async () => {
    for (;;) {
      if (!resumable) await file.reset();
      transfer.onBytes(file.size);
      const outcome = await attempt(wanted, file, transfer);
      if (outcome === 'whole') return;
      if (outcome === 'range refused') resumable = false;
      else if (begunAgain) throw failure('FETCH_DIGEST_MISMATCH', `its SHA-256 is not ${wanted.sha256}`, wanted);
      else begunAgain = true;
    }
  });
}

/** The failure that stands for all: the first that says more than that a file is not there. */
function telling(failures: readonly ReproofError[]): ReproofError | undefined {
  return failures.find((error) => error.code !== 'FETCH_NOT_FOUND') ?? failures[0];
}

/**
 * Fills `file` with the bytes of the digest wanted, from the first of the addresses that has them. Throws as
 * Fetcher.fetchFile; what came stays in `file` unless it was wrong.
 */
export async function download(
  wanted: FileDigest & { readonly urls: readonly string[] },
  file: GrowingFile,
  transfer: Transfer,
): Promise<void> {
  const failures: ReproofError[] = [];
  for (const text of wanted.urls) {
    try {
      const { name, size, sha256 } = wanted;
      await downloadFrom({ name, size, sha256, url: parseAddress(text, name) }, file, transfer);
      return;
    } catch (error) {
      if (!isReproofError(error) || error.code === 'INTERRUPTED') throw error;
      failures.push(error);
    }
  }
  throw (
    telling(failures) ??
    new ReproofError('FETCH_NOT_FOUND', `fetching ${displayName(wanted.name)}: no address is given`)
  );
}
