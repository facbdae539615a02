import { z } from 'zod';
import type { Origin, RebuildPlan, Verification } from '../../model/index.ts';

const MOST_FILES = 10_000;
const MOST_PACKAGES = 20_000;
const MEBIBYTE = 1024 ** 2;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.int().nonnegative();
/** One line without control characters. */
const line = z
  .string()
  .max(1000)
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u);
/** Lines as a package wrote them; half of a surrogate pair is no text. */
const text = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^\P{Cs}*$/u);
const name = z.string().regex(/^[^/\p{C}]{1,255}$/u);
const words = z.array(line).max(1000).readonly();

const origin: z.ZodType<Origin> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('archive'), archive: line, suite: line, component: line, path: line }),
  z.strictObject({ kind: z.literal('snapshot'), sha1: z.string().regex(/^[0-9a-f]{40}$/), name: line }),
  z.strictObject({ kind: z.literal('given'), name: line }),
]);

const lock = z.strictObject({
  schema: z.literal('reproof-lock/1'),
  recipe: size,
  ecosystem: z.literal('debian'),
  suite: line,
  architecture: line,
  layers: z
    .array(
      z.strictObject({
        name: z.enum(['base', 'build-dependencies']),
        packages: z
          .array(z.strictObject({ name: line, version: line, architecture: line, size, sha256, origin }))
          .max(MOST_PACKAGES)
          .readonly(),
        remove: z.array(line).max(MOST_PACKAGES).readonly(),
      }),
    )
    .max(10)
    .readonly(),
});

/** A plan as another machine gives it: nothing is in it that a plan has not, and nothing is without a limit. */
export const planSchema: z.ZodType<RebuildPlan> = z.strictObject({
  schema: z.literal('reproof-plan/1'),
  target: z.strictObject({
    ecosystem: z.literal('debian'),
    source: line,
    version: line,
    architecture: line,
    suite: line,
  }),
  basis: z.enum(['recorded', 'inferred']),
  source: z.strictObject({
    dsc: z.strictObject({
      name,
      size,
      sha256,
      provenance: z.enum(['archive', 'assembled', 'given']),
      text: text(MEBIBYTE),
    }),
    files: z.array(z.strictObject({ name, size, sha256, origin })).max(MOST_FILES).readonly(),
  }),
  lock,
  settings: z.strictObject({
    user: line,
    uid: size,
    home: line,
    locale: line,
    timeZone: line,
    umask: line,
    path: line,
    hostname: line,
    cpus: size,
    buildRoot: line,
    sourceFolder: line,
    sourceDateEpoch: z.int(),
    buildOptions: words,
    buildProfiles: words,
    variables: z.record(line, text(65_536)),
  }),
  runs: z
    .array(
      z.strictObject({
        packages: z.enum(['any', 'all', 'both']),
        binaryOnlyChanges: text(65_536).exactOptional(),
        sourceDateEpoch: z.int().exactOptional(),
      }),
    )
    .min(1)
    .max(10)
    .readonly(),
  expected: z
    .array(z.strictObject({ name, package: line, version: line, architecture: line, size, sha256, origin }))
    .max(MOST_FILES)
    .readonly(),
  limits: z.strictObject({
    wallSeconds: z.number().nonnegative(),
    memoryBytes: size,
    processes: size,
    diskBytes: size,
    logBytes: size,
  }),
  notes: z.array(text(4000)).max(1000).readonly(),
});

/** What was checked when the plan was made, and by what. */
export const verificationSchema: z.ZodType<Verification> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('release'),
    archive: line,
    suite: line,
    sha256,
    signedBy: words,
    keyring: line,
    date: line,
    validUntil: line.exactOptional(),
    expired: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('index'), archive: line, suite: line, path: line, sha256 }),
  z.strictObject({
    kind: z.literal('signature'),
    name: line,
    result: z.enum(['good', 'unchecked']),
    signedBy: words,
    why: text(4000),
  }),
]);
