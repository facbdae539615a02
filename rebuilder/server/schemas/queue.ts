import { z } from 'zod';
import { jobKind, originQuery, pageQuery, rowId, statusOrNone, word } from './fields.ts';

const PRIORITY_LIMIT = 2_147_483_647;
const priority = z.number().int().min(-PRIORITY_LIMIT).max(PRIORITY_LIMIT);

const jobFilter = {
  ...originQuery,
  name: word.optional(),
  version: word.optional(),
  kind: jobKind.optional(),
  state: z.enum(['queued', 'leased']).optional(),
};

export const queueQuery = z.strictObject({
  ...jobFilter,
  worker: rowId.optional(),
  ...pageQuery,
  sort: z.enum(['id', 'priority', 'queued_at']).optional(),
});

/** In bodies numbers are numbers. */
const bodyId = z.number().int().min(1).max(2_147_483_647);

/** Which jobs. At least one of it has to be given: everything is said by `all`. */
export const jobSelection = z
  .strictObject({ ...jobFilter, id: bodyId.optional(), all: z.literal(true).optional() })
  .refine((selection) => Object.values(selection).some((value) => value !== undefined), 'it has to choose something');

/** Which packages to queue. */
export const askBody = z
  .strictObject({
    ...originQuery,
    name: word.optional(),
    version: word.optional(),
    buildInputId: bodyId.optional(),
    status: z.enum(statusOrNone).optional(),
    priority: priority.optional(),
  })
  .refine(
    ({ priority: _priority, ...selection }) => Object.values(selection).some((value) => value !== undefined),
    'it has to choose something',
  );

export const priorityBody = z.strictObject({ jobs: jobSelection, priority });
export const affected = z.object({ affected: z.number() });

export const job = z
  .object({
    id: z.number(),
    buildInputId: z.number(),
    kind: jobKind,
    priority: z.number(),
    queuedAt: z.string(),
    notBefore: z.string().optional(),
    state: z.enum(['queued', 'leased']),
    workerId: z.number().optional(),
    leasedAt: z.string().optional(),
    heartbeatAt: z.string().optional(),
    cancelRequested: z.boolean(),
    stage: z.string().optional(),
    requestedBy: z.string().optional(),
    source: z.string(),
    version: z.string(),
    distribution: z.string(),
    release: z.string().optional(),
    architecture: z.string(),
  })
  .meta({ id: 'Job' });

export const queueState = z.object({
  paused: z.boolean(),
  draining: z.boolean(),
  running: z.number(),
  available: z.number(),
  pending: z.number(),
});
