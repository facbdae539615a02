import { z } from 'zod';
import { STATUSES } from '../../store/page.ts';
import { change, listOf, originQuery, pageQuery, rowId, since, status, VERDICTS, word } from './fields.ts';

export const rebuildQuery = z.strictObject({
  ...originQuery,
  name: word.optional(),
  version: word.optional(),
  status: listOf(STATUSES).optional(),
  verdict: listOf(VERDICTS).optional(),
  change: listOf(change).optional(),
  since: since.optional(),
  worker: rowId.optional(),
  ...pageQuery,
  sort: z.enum(['id', 'built_at']).optional(),
});

export const regressionQuery = z.strictObject({
  ...originQuery,
  name: word.optional(),
  since: since.optional(),
  ...pageQuery,
});

export const historyParams = z.object({ distribution: word, source: word });
export const historyQuery = z.strictObject({
  release: word.optional(),
  architecture: word.optional(),
  version: word.optional(),
  ...pageQuery,
});

/** One ended attempt. */
export const rebuild = z
  .object({
    id: z.number(),
    buildInputId: z.number(),
    source: z.string(),
    version: z.string(),
    distribution: z.string(),
    release: z.string().optional(),
    architecture: z.string(),
    origin: z.enum(['ours', 'rebuilderd', 'imported']),
    rebuildId: z.string().optional(),
    workerId: z.number().optional(),
    startedAt: z.string(),
    builtAt: z.string(),
    status,
    verdict: z.string(),
    reason: z.string().optional(),
    detail: z.string().optional(),
    decides: z.boolean(),
    change: z.enum(change).optional(),
    retries: z.number(),
    exitStatus: z.number().optional(),
    wallSeconds: z.number().optional(),
    memoryBytes: z.number().optional(),
    diskBytes: z.number().optional(),
    log: z.object({ sha256: z.string(), bytes: z.number(), truncated: z.boolean() }).optional(),
    record: z.string().optional(),
  })
  .meta({ id: 'Rebuild' });

const fileOf = z.object({ sha256: z.string(), size: z.number() });

/** One file of an attempt. */
export const artifact = z
  .object({
    id: z.number(),
    resultId: z.number(),
    name: z.string(),
    version: z.string().optional(),
    architecture: z.string().optional(),
    fileName: z.string(),
    verdict: z.enum(['identical', 'differs', 'missing', 'extra', 'unknown']),
    status: z.enum(['GOOD', 'BAD', 'UNKWN']),
    published: fileOf.optional(),
    rebuilt: fileOf.optional(),
    difference: z.string().optional(),
    report: z.string().optional(),
    attestation: z.string().optional(),
    checkedHere: z.boolean(),
  })
  .meta({ id: 'Artifact' });

export const rebuildWithFiles = rebuild.extend({ artifacts: z.array(artifact).readonly() });
export const artifactParams = z.object({ id: rowId, artifactId: rowId });
export const digestParams = z.object({
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'it has to be sha256: and 64 hexadecimal digits'),
});
export const artifacts = z.object({ records: z.array(artifact).readonly() });
