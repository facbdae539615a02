import { z } from 'zod';
import { descriptorField, lineField, nameField, sha256Field, subjectField, timeField } from './fields.ts';
import { BUILDER_ID } from './provenance.ts';
import { DEBIAN_BUILD_TYPE, PROVENANCE_TYPE, STATEMENT_TYPE, WORKER_BUILDER_ID, WORKER_CHECKS } from './types.ts';

const text = z.string().max(65_536);
const count = z.int().nonnegative();
const words = z.array(lineField).max(1_000);

/** Provenance of our build type as it is read: docs/attestations/debian-rebuild-v1.md. */
export const provenanceSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(subjectField).min(1).max(10_000),
  predicateType: z.literal(PROVENANCE_TYPE),
  predicate: z.strictObject({
    buildDefinition: z.strictObject({
      buildType: z.literal(DEBIAN_BUILD_TYPE),
      externalParameters: z.strictObject({
        target: z.strictObject({
          ecosystem: z.literal('debian'),
          source: lineField,
          version: lineField,
          architecture: lineField,
          suite: lineField,
        }),
        basis: z.enum(['recorded', 'inferred']),
        runs: z
          .array(
            z.strictObject({
              packages: z.enum(['any', 'all', 'both']),
              binaryOnlyChanges: text.optional(),
              sourceDateEpoch: z.int().optional(),
            }),
          )
          .min(1)
          .max(10),
        settings: z.strictObject({
          user: lineField,
          uid: count,
          home: lineField,
          locale: lineField,
          timeZone: lineField,
          umask: lineField,
          path: text,
          hostname: lineField,
          cpus: count,
          buildRoot: lineField,
          sourceFolder: lineField,
          sourceDateEpoch: z.int(),
          buildOptions: words,
          buildProfiles: words,
          variables: z.record(lineField, text),
        }),
      }),
      internalParameters: z.strictObject({
        network: z.literal('none'),
        recipe: count,
        limits: z.strictObject({
          wallSeconds: z.number().nonnegative(),
          memoryBytes: count,
          processes: count,
          diskBytes: count,
          logBytes: count,
        }),
        worker: z
          .strictObject({
            key: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
            checked: z.array(z.enum(WORKER_CHECKS)).max(WORKER_CHECKS.length),
          })
          .optional(),
      }),
      resolvedDependencies: z.array(descriptorField).min(1).max(20_000),
    }),
    runDetails: z.strictObject({
      builder: z.strictObject({ id: z.enum([BUILDER_ID, WORKER_BUILDER_ID]), version: z.record(lineField, lineField) }),
      metadata: z.strictObject({
        invocationId: lineField,
        startedOn: timeField.optional(),
        finishedOn: timeField.optional(),
      }),
      byproducts: z
        .array(
          z.strictObject({
            ...descriptorField.shape,
            name: nameField,
            digest: z.strictObject({ sha256: sha256Field }),
          }),
        )
        .max(100),
    }),
  }),
});
