import { z } from 'zod';
import { planSchema, verificationSchema } from './plan-schema.ts';

const number = z.int().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const line = z
  .string()
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u);

/**
 * What a worker says of how it built, which nobody else saw: a blob of its result, canonical JSON. It names the lease that
 * it was made under, so that it is of no use for another.
 */
export const testimony = z.strictObject({
  schema: z.literal('reproof-testimony/1'),
  job: number,
  lease: number,
  /** The id of the record. */
  rebuild: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/),
  /** With the lock of the environment in it. */
  plan: planSchema,
  /** The text of the .buildinfo that the environment was made by, where there was one. */
  buildInfo: z
    .string()
    .max(8 * 1024 ** 2)
    .regex(/^\P{Cs}*$/u)
    .exactOptional(),
  /** SHA-256 of the root file system as a canonical tar. */
  rootfs: sha256,
  engine: z.strictObject({ name: line, version: line }).exactOptional(),
  verified: z.array(verificationSchema).max(1000).readonly(),
  /** The version of what built. */
  reproof: line,
});

export type Testimony = z.infer<typeof testimony>;

/** What a server that takes testimonies says when a worker registers. Others know no such member of a result. */
export const TAKES_TESTIMONY = 'testimony';
