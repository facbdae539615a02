import { stat } from 'node:fs/promises';
import { isReproofError, ReproofError, type Sha256 } from '../../model/index.ts';
import type { BlobStore } from '../store/index.ts';
import type { Recorded } from '../store/results/types.ts';
import { blobResponse, type ReportedResult, resultResponse } from '../worker-protocol/index.ts';
import type { Connection } from './connection.ts';
import type { Letter, Outbox } from './outbox.ts';
import { type Patience, persist } from './persist.ts';

/** What became of a result: acknowledged, or refused by the server for good. */
export type Delivered =
  | { readonly kind: 'acknowledged'; readonly recorded: Recorded }
  | { readonly kind: 'refused'; readonly error: ReproofError };

export type DeliveryOptions = {
  readonly connection: Connection;
  readonly blobs: BlobStore;
  readonly outbox: Outbox;
  /** Lets go what the server needs no more of a result; the result leaves the outbox after that. */
  readonly forget: (letter: Letter) => Promise<void>;
  /** Whether the server knows testimonies: one that does not would refuse the whole result. */
  readonly takesTestimony: boolean;
  readonly patience: Patience;
  /** Told of each try that failed and will be made again. */
  readonly onTrouble: (error: ReproofError) => void;
};

/** Errors after which the same result would fare no better. */
const LASTING = ['REQUEST_INVALID', 'REQUEST_TOO_LARGE', 'JOB_UNKNOWN', 'BLOB_CORRUPT'] as const;
/** How often a server may ask for blobs before its answer is a failure like any other. */
const UPLOAD_ROUNDS = 4;
const SILENT_SECONDS = 120;

/**
 * Gives a result that lies in the outbox to the server, until it is acknowledged; then it leaves the outbox. Throws
 * INTERRUPTED when the signal comes first, ACCESS_DENIED when the server does not take it from us: it stays then.
 */
export async function deliver(letter: Letter, options: DeliveryOptions, signal: AbortSignal): Promise<Delivered> {
  const { patience, onTrouble } = options;
  const delivered = await persist({ doing: doingOf(letter), patience, signal, onFailure: onTrouble }, () =>
    sendOnce(letter, options, signal),
  ).then(
    (recorded): Delivered => ({ kind: 'acknowledged', recorded }),
    (error: unknown): Delivered => {
      if (!isReproofError(error, ...LASTING)) throw error;
      return { kind: 'refused', error };
    },
  );
  await options.forget(letter).catch((error: unknown) => {
    if (!isReproofError(error)) throw error;
    onTrouble(error);
  });
  await options.outbox.remove(letter);
  return delivered;
}

function doingOf({ jobId }: Letter): string {
  return `giving the server the result of job ${jobId}`;
}

/** One try, with the blobs that the server asks for. */
async function sendOnce(letter: Letter, options: DeliveryOptions, signal: AbortSignal): Promise<Recorded> {
  const { jobId } = letter;
  const request = options.takesTestimony ? letter.request : withoutTestimony(letter.request);
  const named = blobsOf(request.result);
  for (let round = 0; round <= UPLOAD_ROUNDS; round++) {
    const answer = await options.connection.send({
      doing: doingOf(letter),
      method: 'POST',
      path: `/api/worker/jobs/${jobId}/result`,
      body: { kind: 'json', value: request },
      answer: resultResponse,
      signal,
      silentSeconds: SILENT_SECONDS,
    });
    if (answer.kind !== 'missing') return answer;
    // What the server asks for is ours to give only where the result names it.
    if (answer.blobs.some((sha256) => !named.has(sha256)))
      throw new ReproofError(
        'SERVER_UNAVAILABLE',
        `${doingOf(letter)}: it asks for a file that is none of the result's`,
        {
          context: { passes: true },
        },
      );
    try {
      for (const sha256 of answer.blobs) await upload(letter, sha256, { ...options, signal });
    } catch (error) {
      if (isReproofError(error, 'LEASE_LOST')) return { kind: 'lease lost' };
      throw error;
    }
  }
  throw new ReproofError('SERVER_UNAVAILABLE', `${doingOf(letter)}: it asks for the same files again and again`, {
    context: { passes: true },
  });
}

function withoutTestimony({ lease, result }: Letter['request']): Letter['request'] {
  const { testimony: _, ...rest } = result;
  return { lease, result: rest };
}

/** All blobs that a result names. */
export function blobsOf({ artifacts, log, record, testimony }: ReportedResult): ReadonlySet<Sha256> {
  const files = artifacts.flatMap(({ rebuilt, difference, report }) => [rebuilt?.sha256, difference, report]);
  return new Set([...files, log?.sha256, record, testimony].filter((sha256) => sha256 !== undefined));
}

async function upload(
  { jobId, request }: Letter,
  sha256: Sha256,
  { blobs, connection, signal }: DeliveryOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const doing = `uploading a file of job ${jobId}`;
  const file = await blobs.path(sha256);
  if (file === undefined) throw new ReproofError('BLOB_CORRUPT', `${doing}: ${sha256} is not in the data folder`);
  const { size } = await stat(file);
  await connection.send({
    doing,
    method: 'PUT',
    path: `/api/worker/jobs/${jobId}/blobs/${sha256}?lease=${request.lease}`,
    body: { kind: 'stream', sha256, size, open: () => blobs.read(sha256) },
    answer: blobResponse,
    signal,
    silentSeconds: SILENT_SECONDS,
  });
}
