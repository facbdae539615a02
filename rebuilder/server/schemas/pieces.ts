import { z } from 'zod';
import { REASON_KINDS } from '../../../model/index.ts';
import { rowId } from './fields.ts';

/** A tree's name: a file's, behind `control:` where two rebuilds are compared. */
const treeName = z.string().min(1).max(512);
const number = z.coerce.number().int().min(0).max(2_147_483_647);
const lineNumber = z.coerce.number().int().min(1).max(2_147_483_647);

export const treeParams = z.object({ id: rowId, tree: treeName });
export const nodeParams = z.object({ id: rowId, tree: treeName, node: number });
/** Which of a node's children are told. */
export const childrenQuery = z.strictObject({
  from: number.default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
export const pieceQuery = z.strictObject({ piece: number.default(0) });
export const linesQuery = z.strictObject({
  from: lineNumber.default(1),
  limit: z.coerce.number().int().min(1).max(2000).default(500),
});
const build = z.enum(['first', 'control']).default('first');
export const logLinesQuery = linesQuery.extend({ build });
export const logOutlineQuery = z.strictObject({ build });
export const logSearchQuery = z.strictObject({
  text: z.string().min(1).max(200),
  from: lineNumber.default(1),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  build,
});

const fileOf = z.object({ sha256: z.string(), size: z.number() });

/** The trees of a rebuild. `form` is text where a worker gave a text in place of a tree. */
export const trees = z.object({
  records: z
    .array(
      z.object({
        tree: z.string(),
        fileName: z.string(),
        between: z.enum(['published and rebuilt', 'two rebuilds']),
        form: z.enum(['tree', 'text']),
        artifactId: z.number().optional(),
        published: fileOf.optional(),
        rebuilt: fileOf.optional(),
      }),
    )
    .readonly(),
});

const listedNode = z.object({
  node: z.number(),
  path: z.string(),
  kind: z.string(),
  detail: z.string().optional(),
  reasons: z.array(z.enum(REASON_KINDS)).readonly(),
  left: z.number().optional(),
  right: z.number().optional(),
  only: z.enum(['left', 'right']).optional(),
  lines: z.number(),
  fields: z.number(),
  notes: z.number(),
  truncated: z.boolean(),
  children: z.number(),
  nodes: z.number(),
});

/** A node of a tree: `body` is the node as docs/json.md has it, without `children`, `diff` and `picture`. */
export const shownNode = listedNode.extend({
  above: z.array(listedNode).readonly(),
  body: z.looseObject({}),
  hasPicture: z.boolean(),
  pieces: z.number(),
  inside: z.array(listedNode).readonly(),
  insideFrom: z.number(),
  next: z.number().optional(),
  before: z.number().optional(),
  after: z.number().optional(),
});

export const diffText = z.object({
  piece: z.number(),
  pieces: z.number(),
  line: z.number(),
  left: z.number(),
  right: z.number(),
  beginsInside: z.boolean(),
  endsInside: z.boolean(),
  text: z.string(),
  next: z.number().optional(),
});

const textLine = z.object({ line: z.number(), text: z.string(), cut: z.number().optional() });
export const textPage = z.object({
  lines: z.array(textLine).readonly(),
  next: z.number().optional(),
  total: z.number(),
});
export const textMatches = z.object({ matches: z.array(textLine).readonly(), next: z.number().optional() });
export const textOutline = z.object({
  bytes: z.number(),
  lines: z.number(),
  sections: z.array(z.object({ line: z.number(), title: z.string(), kind: z.enum(['step', 'command']) })).readonly(),
  errors: z.array(z.object({ line: z.number(), text: z.string() })).readonly(),
  errorCount: z.number(),
});
