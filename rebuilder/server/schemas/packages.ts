import { z } from 'zod';
import { REASON_KINDS } from '../../../model/index.ts';
import { listOf, originQuery, pageQuery, sha256, status, statusOrNone, VERDICTS, word, yesNo } from './fields.ts';

const packageFilter = {
  ...originQuery,
  name: word.optional(),
  version: word.optional(),
  'name-starts-with': word.optional(),
  search: z.string().min(3).max(200).optional(),
  status: listOf(statusOrNone).optional(),
  maintainer: word.optional(),
  seen: yesNo.optional(),
  cause: z.enum(REASON_KINDS).optional(),
};

export const targetQuery = z.strictObject({
  ...packageFilter,
  source: word.optional(),
  sha256: sha256.optional(),
  ...pageQuery,
  sort: z.enum(['id', 'name', 'version', 'architecture', 'status']).optional(),
});

export const sourceQuery = z.strictObject({
  ...packageFilter,
  regressed: yesNo.optional(),
  'maintainer-holds': word.optional(),
  verdict: z.enum(VERDICTS).optional(),
  reason: word.optional(),
  ...pageQuery,
  sort: z.enum(['id', 'name', 'version', 'last_seen']).optional(),
});

const listedFile = {
  name: z.string(),
  version: z.string(),
  architecture: z.string(),
  component: z.string().optional(),
  url: z.string(),
  fileName: z.string(),
  sha256: z.string().optional(),
  size: z.number().optional(),
};

/** A published file, and what became of its latest judged rebuild. */
export const target = z
  .object({
    id: z.number(),
    ...listedFile,
    source: z.string(),
    sourceVersion: z.string(),
    sourcePackageId: z.number(),
    buildInputId: z.number(),
    distribution: z.string(),
    release: z.string().optional(),
    lastSeenAt: z.string(),
    seen: z.boolean(),
    status: status.optional(),
    verdict: z.string().optional(),
    reason: z.string().optional(),
    resultId: z.number().optional(),
    artifactId: z.number().optional(),
    builtAt: z.string().optional(),
    rebuiltSha256: z.string().optional(),
    hasReport: z.boolean(),
    hasAttestation: z.boolean(),
  })
  .meta({ id: 'Target' });

export const source = z
  .object({
    id: z.number(),
    distribution: z.string(),
    release: z.string().optional(),
    component: z.string().optional(),
    name: z.string(),
    version: z.string(),
    maintainer: z.string().optional(),
    lastSeenAt: z.string(),
    seen: z.boolean(),
    status: status.optional(),
    resultId: z.number().optional(),
  })
  .meta({ id: 'Source' });

export const statsQuery = z.strictObject(originQuery);
export const daysQuery = z.strictObject({ ...originQuery, since: z.iso.date().optional() });

const counted = { good: z.number(), bad: z.number(), fail: z.number(), unknown: z.number() };

export const stats = z.object({
  records: z
    .array(
      z.object({
        distribution: z.string(),
        release: z.string().optional(),
        component: z.string().optional(),
        architecture: z.string(),
        ...counted,
      }),
    )
    .readonly(),
});

export const causes = z.object({
  records: z
    .array(
      z.object({
        distribution: z.string(),
        release: z.string().optional(),
        cause: z.string(),
        packages: z.number(),
      }),
    )
    .readonly(),
});

export const reasons = z.object({
  records: z
    .array(
      z.object({
        distribution: z.string(),
        release: z.string().optional(),
        verdict: z.string(),
        reason: z.string().optional(),
        packages: z.number(),
      }),
    )
    .readonly(),
});

export const attemptsQuery = z.strictObject({ ...originQuery, since: z.iso.date() });
export const attempts = z.object({
  records: z
    .array(
      z.object({
        day: z.string(),
        distribution: z.string(),
        release: z.string().optional(),
        architecture: z.string(),
        verdict: z.string(),
        reason: z.string().optional(),
        attempts: z.number(),
      }),
    )
    .readonly(),
});

export const days = z.object({
  records: z
    .array(
      z.object({
        day: z.string(),
        distribution: z.string(),
        release: z.string().optional(),
        architecture: z.string(),
        ...counted,
      }),
    )
    .readonly(),
});

export const profiles = z.object({
  records: z
    .array(
      z.object({
        id: z.number(),
        name: z.string(),
        distribution: z.string(),
        startedAt: z.string().optional(),
        finishedAt: z.string().optional(),
        error: z.string().optional(),
        inputDigest: z.string().optional(),
      }),
    )
    .readonly(),
});
