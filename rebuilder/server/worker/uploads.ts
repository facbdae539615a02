import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ReproofError, type Sha256 } from '../../../model/index.ts';
import type { BlobStore } from '../../store/index.ts';
import type { WorkerLimits } from '../../worker-protocol/index.ts';
import { uploadOf } from './bodies.ts';
import { leaseKey, type NamedLease } from './held-job.ts';

/** Blobs on their way here, and how many bytes came for each lease. */
export type Uploads = {
  /**
   * Takes a blob in as it comes; its digest was signed, and has to be that of its bytes. Throws REQUEST_INVALID,
   * REQUEST_TOO_LARGE; nothing is kept then.
   */
  readonly take: (request: FastifyRequest, held: NamedLease, sha256: Sha256) => Promise<void>;
  /** Forgets a lease that is over. */
  readonly end: (held: NamedLease) => void;
};

/** Counts of leases that ended by themselves are forgotten when there are more than these. */
const LEASES_COUNTED = 10_000;

export function openUploads(blobs: BlobStore, limits: WorkerLimits): Uploads {
  const bytesOf = new Map<string, number>();
  return {
    take: async (request, held, sha256) => {
      const size = sizeOf(request);
      const key = leaseKey(held);
      const before = bytesOf.get(key) ?? 0;
      const most = Math.min(limits.blobBytes, limits.leaseBlobBytes - before);
      if (size > most)
        throw new ReproofError(
          'REQUEST_TOO_LARGE',
          `uploading a blob of ${size} bytes: ${Math.max(0, most)} are left for this job`,
          {
            context: { maxBytes: most },
          },
        );
      bytesOf.set(key, before + size);
      if (bytesOf.size > LEASES_COUNTED) bytesOf.delete(bytesOf.keys().next().value as string);
      try {
        await blobs.put(`upload ${sha256}`, checked(uploadOf(request), { sha256, size }), size);
      } catch (error) {
        // What broke off is not kept, and will come again.
        bytesOf.set(key, (bytesOf.get(key) ?? size) - size);
        throw error;
      }
    },
    end: (held) => void bytesOf.delete(leaseKey(held)),
  };
}

function sizeOf(request: FastifyRequest): number {
  const text = request.headers['content-length'] ?? '';
  if (!/^\d{1,15}$/.test(text))
    throw new ReproofError('REQUEST_INVALID', 'uploading a blob: the request has to say its content-length');
  return Number(text);
}

/** Passes bytes on, and fails at their end where they are not the ones named: before anybody takes them for whole. */
async function* checked(
  source: AsyncIterable<Uint8Array>,
  { sha256, size }: { readonly sha256: Sha256; readonly size: number },
): AsyncGenerator<Uint8Array, void> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of source) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    throw new ReproofError('REQUEST_INVALID', 'uploading a blob: the body broke off', { cause });
  }
  if (bytes !== size || hash.digest('hex') !== sha256)
    throw new ReproofError(
      'REQUEST_INVALID',
      'uploading a blob: its bytes are not the ones that its name and signature say',
    );
}
