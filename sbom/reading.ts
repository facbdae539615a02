import type { z } from 'zod';
import { ReproofError } from '../model/index.ts';
import { type InventoryItem, RELATION_FIELDS } from './types.ts';

/** A value that a schema accepts. Throws FORMAT_MALFORMED, saying where it does not. */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, format: string): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = (issue?.path ?? []).slice(0, 8).join('.').slice(0, 200);
  throw foreign(format, `${where === '' ? '' : `at ${where}: `}${(issue?.message ?? '').slice(0, 200)}`);
}

/** Says that a document is not one that `reproof sbom` writes. */
export function foreign(format: string, why: string): ReproofError {
  return new ReproofError('FORMAT_MALFORMED', `reading a ${format} SBOM as reproof writes it: ${why}`);
}

/** A dependency of its relation, which is written FIELD: CLAUSE. */
export function relationItem(name: string, relation: string, format: string): InventoryItem {
  const field = RELATION_FIELDS.find((each) => relation.startsWith(`${each}: `));
  if (field === undefined) throw foreign(format, 'a relation of it is of no known field');
  return { kind: 'dependency', name: `${field}: ${name}`, version: relation.slice(field.length + 2) };
}
