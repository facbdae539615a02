import { z } from 'zod';
import { type Difference, isSha256, REASON_KINDS } from '../../../model/index.ts';
import { malformed } from './json-bytes.ts';
import { parsed } from './outline.ts';

const side = z.object({
  name: z.string().optional(),
  size: z.number().int().nonnegative().optional(),
  sha256: z.string().refine(isSha256).optional(),
  text: z.string().optional(),
});
const sides = { left: z.string().optional(), right: z.string().optional() };

/** A node of a tree without its lines and children: docs/json.md. Members of later versions are left out. */
export const nodeBody = z.object({
  path: z.string(),
  kind: z.string(),
  left: side.optional(),
  right: side.optional(),
  detail: z.string().optional(),
  fields: z.array(z.object({ name: z.string(), ...sides })).optional(),
  reasons: z.array(z.object({ kind: z.enum(REASON_KINDS), evidence: z.string(), ...sides })).optional(),
  notes: z.array(z.string()),
  truncated: z.boolean(),
});

const inBlob = nodeBody.extend({
  children: z.array(z.never()),
  diff: z.literal('').optional(),
  picture: z
    .union([z.literal(0), z.object({ mediaType: z.literal('image/png'), base64: z.base64(), alt: z.string() })])
    .optional(),
});

export type NodeBody = Omit<Difference, 'children' | 'diff' | 'picture'>;

/**
 * What stands in the blob of a node when its children, lines and (or not) its picture are taken out. Throws
 * FORMAT_MALFORMED.
 */
export function readBody(text: string): NodeBody {
  const read = inBlob.safeParse(parsed(text));
  if (!read.success) throw malformed(`a node (${read.error.issues[0]?.path.join('.') ?? ''})`);
  const { children: _, diff: __, picture: ___, ...body } = read.data;
  return body as NodeBody;
}
