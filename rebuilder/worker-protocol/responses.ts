import { z } from 'zod';

const number = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const text = z.string().max(4096);

// What a newer server adds is passed over; what is here has to be right.
export const registerResponse = z.object({
  id: number,
  name: text,
  /** How long a lease lasts after each sign of life. */
  leaseSeconds: z.number().min(1).max(86_400),
  /** What of a result this server takes that earlier ones do not know. */
  takes: z.array(text).max(100).readonly().exactOptional(),
});

const listedFile = z.object({
  name: text,
  version: text,
  architecture: text,
  component: text.exactOptional(),
  url: text,
  fileName: text,
  sha256: sha256.exactOptional(),
  size: z.number().int().min(0).exactOptional(),
});

const job = z.object({
  id: number,
  buildInputId: number,
  kind: z.enum(['manual', 'new', 'retry', 'reverify']),
  priority: z.number().int(),
  queuedAt: text,
  notBefore: text.exactOptional(),
  state: z.enum(['queued', 'leased']),
  workerId: number.exactOptional(),
  leasedAt: text.exactOptional(),
  heartbeatAt: text.exactOptional(),
  expiresAt: text.exactOptional(),
  cancelRequested: z.boolean(),
  stage: text.exactOptional(),
  requestedBy: text.exactOptional(),
  source: text,
  version: text,
  distribution: text,
  release: text.exactOptional(),
  architecture: text,
  url: text.exactOptional(),
});

const input = z.object({
  id: number,
  distribution: text,
  source: text,
  version: text,
  architecture: text,
  release: text.exactOptional(),
  url: text.exactOptional(),
  status: z.enum(['GOOD', 'BAD', 'FAIL', 'UNKWN']).exactOptional(),
  verdict: text.exactOptional(),
  reason: text.exactOptional(),
  resultId: number.exactOptional(),
  decidedAt: text.exactOptional(),
  files: z.array(listedFile).max(100_000).readonly(),
});

export const leasedJob = z.object({ job, lease: number, expiresAt: text, input });

export const claimResponse = z.object({ job: leasedJob.nullable() });

export const heartbeatResponse = z.object({ answer: z.enum(['kept', 'cancelled', 'lost']) });
export const giveBackResponse = z.object({ answer: z.enum(['given back', 'lost']) });
/** How long the log is now. */
export const logResponse = z.object({ length: z.number().int().min(0) });
export const blobResponse = z.object({ sha256 });

/** What became of a result. `missing`: nothing was recorded; these blobs have to be uploaded first. */
export const resultResponse = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('recorded'), id: number }),
  z.object({ kind: z.literal('already'), id: number }),
  z.object({ kind: z.literal('lease lost') }),
  z.object({ kind: z.literal('missing'), blobs: z.array(sha256).max(20_000).readonly() }),
]);
export type ResultResponse = z.infer<typeof resultResponse>;

/** How any refusal is told. */
export const errorResponse = z.object({ error: z.object({ code: text, message: text }) });
