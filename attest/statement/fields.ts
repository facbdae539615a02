import { z } from 'zod';

/** A SHA-256 in the one spelling used throughout. */
export const sha256Field = z.string().regex(/^[0-9a-f]{64}$/);
/** A line of text: a name, a version, a place. */
export const lineField = z.string().max(1_000);
/** RFC 3339 in UTC with milliseconds, as records have it. */
export const timeField = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
export const purlField = z
  .string()
  .max(1_000)
  .regex(/^pkg:deb\/debian\/[^\s]+$/);
/** A base name: no folder, nothing that a terminal or a path would take for something else. */
export const nameField = z.string().regex(/^[^/\p{C}]{1,255}$/u);

/** in-toto's ResourceDescriptor, of what statements of ours name by digest. */
export const descriptorField = z.strictObject({
  name: lineField.optional(),
  uri: z.string().max(2_000).optional(),
  digest: z.strictObject({ sha256: sha256Field }),
  mediaType: lineField.optional(),
  annotations: z.record(z.string().max(100), z.union([lineField, z.number(), z.boolean()])).optional(),
});

export const subjectField = z.strictObject({ name: nameField, digest: z.strictObject({ sha256: sha256Field }) });
