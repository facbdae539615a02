import { z } from 'zod';
import { REASON_KINDS } from '../../model/index.ts';

/** Of a lease, a job, a worker: whole numbers from 1 up, as databases number rows. */
const number = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime({ precision: 3 });
const bytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** One line without control characters. */
const line = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u);
const word = z.string().regex(/^[A-Za-z0-9*][A-Za-z0-9+.:~_-]{0,127}$/);
/** A file's base name: never a path. */
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9+.:~_-]{0,254}$/);

export const workerName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

export const capabilities = z.strictObject({
  architectures: z.array(word).min(1).max(32).readonly(),
  distributions: z.array(word).min(1).max(32).readonly().exactOptional(),
  memoryBytes: bytes.exactOptional(),
  diskBytes: bytes.exactOptional(),
});

/** POST /api/worker/register. `proof` is signupProof() of the server's signup secret, where the key is not known yet. */
export const registerRequest = z.strictObject({ name: workerName, capabilities, proof: sha256.exactOptional() });

/** POST /api/worker/claim. */
export const claimRequest = z.strictObject({ waitSeconds: z.number().int().min(0).max(600) });

/** POST /api/worker/jobs/JOB/heartbeat. */
export const heartbeatRequest = z.strictObject({ lease: number, stage: word.exactOptional() });

/** POST /api/worker/jobs/JOB/give-back. */
export const giveBackRequest = z.strictObject({ lease: number, notBefore: time.exactOptional() });

const content = z.strictObject({ sha256, size: bytes });

const artifact = z.strictObject({
  name: word,
  version: word.exactOptional(),
  architecture: word.exactOptional(),
  fileName,
  verdict: z.enum(['identical', 'differs', 'missing', 'extra', 'unknown']),
  published: content.exactOptional(),
  rebuilt: content.exactOptional(),
  difference: sha256.exactOptional(),
  report: sha256.exactOptional(),
});

/** What a build ended in, as its worker saw it. What a server can say better itself is not asked. */
export const reportedResult = z.strictObject({
  rebuildId: word.exactOptional(),
  startedAt: time,
  builtAt: time,
  verdict: z.enum(['reproducible', 'unreproducible', 'failed-to-build', 'inconclusive']),
  reason: line(200).exactOptional(),
  detail: line(4000).exactOptional(),
  exitStatus: z.number().int().min(-255).max(255).exactOptional(),
  wallSeconds: z.number().min(0).max(1e9).exactOptional(),
  memoryBytes: bytes.exactOptional(),
  diskBytes: bytes.exactOptional(),
  log: z.strictObject({ sha256, bytes, truncated: z.boolean() }).exactOptional(),
  record: sha256.exactOptional(),
  /** A testimony, by its digest: testimony.ts. */
  testimony: sha256.exactOptional(),
  artifacts: z.array(artifact).max(4096).readonly(),
  causes: z.array(z.enum(REASON_KINDS)).max(REASON_KINDS.length).readonly().exactOptional(),
});

/** POST /api/worker/jobs/JOB/result. */
export const resultRequest = z.strictObject({ lease: number, result: reportedResult });

/** The query of what has a body of bytes: a lease, and for a piece of a log where it begins. */
const decimal = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,15})$/)
  .transform(Number)
  .pipe(z.number().int().max(Number.MAX_SAFE_INTEGER));
export const blobQuery = z.strictObject({ lease: decimal });
export const logQuery = z.strictObject({ lease: decimal, offset: decimal });

export type RegisterRequest = z.infer<typeof registerRequest>;
export type ReportedResult = z.infer<typeof reportedResult>;
export type ReportedArtifact = z.infer<typeof artifact>;
