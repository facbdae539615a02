import { z } from 'zod';
import { ReproofError } from '../../../model/index.ts';

const LARGEST_NUMBER = 2 ** 31 - 1;
const text = z.string().min(1).max(1_000);
const url = z.string().min(1).max(4_000);
const number = z.int().min(-LARGEST_NUMBER).max(LARGEST_NUMBER);
const optionalText = text.nullish().transform((value) => value ?? undefined);
const status = z
  .enum(['GOOD', 'BAD', 'FAIL', 'UNKWN'])
  .nullish()
  .transform((value) => value ?? undefined);

/** Bytes are lists of numbers in these bodies: millions of them, which come as bytes already. Empty ones are lists. */
const bytes = z
  .custom<Uint8Array | readonly []>(isBytes, 'it is no list of bytes')
  .transform((list) => Buffer.from(list));
const optionalBytes = bytes.nullish().transform((value) => value ?? undefined);

function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array || (Array.isArray(value) && value.length === 0);
}

const MOST_PACKAGES = 500_000;
const MOST_FILES = 10_000;

// Later versions of clients may say more: what is not known is left out.

/** POST /api/v1/packages. */
export const packageReport = z.object({
  distribution: text,
  release: optionalText,
  architecture: text,
  packages: z
    .array(
      z.object({
        name: text,
        version: text,
        url,
        artifacts: z
          .array(z.object({ name: text, version: text, component: optionalText, architecture: text, url }))
          .max(MOST_FILES),
      }),
    )
    .max(MOST_PACKAGES),
});

/** POST /api/v1/queue. */
export const queueRequest = z.object({
  distribution: optionalText,
  release: optionalText,
  component: optionalText,
  name: optionalText,
  version: optionalText,
  architecture: optionalText,
  status,
  priority: number.nullish().transform((value) => value ?? undefined),
});

export const registration = z.object({ name: text });

/** POST /api/v1/queue/pop. */
export const popRequest = z.object({
  supported_backends: z.array(text).max(1_000),
  architecture: text.optional(),
  supported_architectures: z.array(text).max(1_000),
});

/** POST /api/v1/builds. */
export const buildReport = z.object({
  queue_id: number,
  built_at: z.string().max(40),
  build_log: bytes,
  status: z.enum(['GOOD', 'BAD', 'FAIL', 'UNKWN']),
  artifacts: z
    .array(
      z.object({
        name: text,
        diffoscope: optionalBytes,
        attestation: optionalBytes,
        status: z.enum(['GOOD', 'BAD', 'UNKWN']),
      }),
    )
    .max(MOST_FILES),
});

/** POST /api/v0/pkgs/sync. */
export const suiteImport = z.object({
  distro: text,
  suite: z.string().max(1_000),
  groups: z
    .array(
      z.object({
        name: text,
        version: text,
        distro: text,
        suite: z.string().max(1_000),
        architecture: text,
        input_url: url.nullish().transform((value) => value ?? undefined),
        artifacts: z.array(z.object({ name: text, version: text, url })).max(MOST_FILES),
      }),
    )
    .max(MOST_PACKAGES),
});

/** POST /api/v0/queue/push, queue/drop and pkg/requeue. */
export const oldSelection = z.object({
  name: optionalText,
  version: optionalText,
  distro: optionalText,
  suite: optionalText,
  architecture: optionalText,
  status,
  priority: number.nullish().transform((value) => value ?? undefined),
});

export const oldList = z.object({ limit: z.int().min(0).nullish() });
export const oldPop = z.object({ supported_backends: z.array(text).max(1_000) });
export const oldPing = z.object({ queue_id: number });

/** POST /api/v0/build/report: texts are texts here, and statuses are words. */
export const oldReport = z.object({
  queue: z.object({ id: number }),
  build_log: z.string(),
  rebuilds: z
    .array(
      z.tuple([
        z.object({ name: text }),
        z.object({
          status: z.enum(['Good', 'Bad', 'Fail']),
          diffoscope: z.string().nullish(),
          attestation: z.string().nullish(),
        }),
      ]),
    )
    .max(MOST_FILES),
});

/** Reads a body by its schema. Throws REQUEST_INVALID, and names the place. */
export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new ReproofError(
    'REQUEST_INVALID',
    `reading the body: ${issue?.path.join('.') || 'all of it'}: ${issue?.message ?? 'it is not as described'}`,
  );
}
