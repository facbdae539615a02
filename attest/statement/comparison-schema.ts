import { z } from 'zod';
import { REASON_KINDS } from '../../model/index.ts';
import { descriptorField, lineField, purlField, subjectField, timeField } from './fields.ts';
import { COMPARISON_TYPE, STATEMENT_TYPE } from './types.ts';

const detail = z.string().max(65_536);
/** A verdict as statements have it: a reason belongs to its word. */
export const verdictSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('reproducible'), detail }),
  z.strictObject({ kind: z.literal('unreproducible'), reason: z.enum(['nondeterministic', 'different']), detail }),
  z.strictObject({ kind: z.literal('failed-to-build'), detail }),
  z.strictObject({
    kind: z.literal('inconclusive'),
    reason: z.enum([
      'source unavailable',
      'environment unavailable',
      'environment drift',
      'limit exceeded',
      'infrastructure',
      'nothing published',
      'control rebuild missing',
      'published files changed',
    ]),
    detail,
  }),
]);

/** rebuild-comparison/v1 as it is read: docs/attestations/rebuild-comparison-v1.md. */
export const comparisonSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(subjectField).length(1),
  predicateType: z.literal(COMPARISON_TYPE),
  predicate: z.strictObject({
    rebuild: z.strictObject({
      id: lineField,
      startedOn: timeField.optional(),
      finishedOn: timeField.optional(),
      basis: z.enum(['recorded', 'inferred']).optional(),
      tests: z.enum(['run', 'left out']).optional(),
    }),
    observation: z.enum(['built-here', 'bytes-compared-here']),
    source: purlField,
    package: purlField,
    verdict: verdictSchema,
    artifact: z.strictObject({
      verdict: z.enum(['identical', 'differs', 'missing', 'not-compared']),
      size: z.int().nonnegative(),
      rebuilt: descriptorField.optional(),
      control: descriptorField.optional(),
    }),
    reasons: z.array(z.enum(REASON_KINDS)).max(REASON_KINDS.length),
    causes: z
      .array(
        z.strictObject({
          between: z.enum(['published-and-rebuilt', 'first-and-control']),
          kind: z.enum(REASON_KINDS),
          path: z.array(lineField).max(64),
          evidence: lineField,
        }),
      )
      .max(64),
    causesLimited: z.boolean(),
    evidence: z.strictObject({
      record: descriptorField.optional(),
      plan: descriptorField.optional(),
      lock: descriptorField.optional(),
      rootfs: descriptorField.optional(),
      logs: z.array(descriptorField).max(2),
      reports: z.array(descriptorField).max(2),
    }),
    reproof: lineField,
  }),
});
