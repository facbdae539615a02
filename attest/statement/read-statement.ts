import { ReproofError } from '../../model/index.ts';
import { faultIn, type JsonSchema } from '../json-schema.ts';
import { parseStrictJson } from '../strict-json.ts';
import { STATEMENT_TYPE, type Statement } from './types.ts';

/** The size and depth of statements that are read: SBOMs of large packages are some megabytes. */
export const STATEMENT_LIMITS = { bytes: 24 * 1024 * 1024, depth: 64 } as const;

const DOING = 'reading a statement';
const SUBJECTS = 10_000;

/** Any in-toto Statement v1, by whomever: subjects may have digests of other kinds, a predicate may be anything. */
const anyStatement: JsonSchema = {
  type: 'object',
  properties: {
    _type: { const: STATEMENT_TYPE },
    subject: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string', maxLength: 4_000 },
          digest: { type: 'object', additionalProperties: { type: 'string', maxLength: 1_000 } },
        },
        required: ['digest'],
      },
      minItems: 1,
      maxItems: SUBJECTS,
    },
    predicateType: { type: 'string', minLength: 1, maxLength: 1_000 },
    predicate: { type: 'object' },
  },
  required: ['_type', 'subject', 'predicateType'],
};

/** A statement of anybody's, as far as all in-toto statements are alike. */
export type AnyStatement = {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly { readonly name?: string; readonly digest: Readonly<Record<string, string>> }[];
  readonly predicateType: string;
  readonly predicate?: Readonly<Record<string, unknown>>;
};

/**
 * What any statement is about and of what type it is, from a payload whose signature was found right.
 * Throws EVIDENCE_LIMIT, EVIDENCE_MALFORMED.
 */
export function readAnyStatement(payload: Uint8Array): AnyStatement {
  return checked(anyStatement, parseStrictJson(payload, DOING, STATEMENT_LIMITS)) as AnyStatement;
}

/**
 * A statement of one type by its schema. Throws EVIDENCE_TYPE where it is of another one, EVIDENCE_LIMIT,
 * EVIDENCE_MALFORMED.
 */
export function readBy(schema: object, payload: Uint8Array, predicateType: string): Statement {
  const value = parseStrictJson(payload, DOING, STATEMENT_LIMITS);
  const found = (value as { readonly predicateType?: unknown } | null)?.predicateType;
  if (typeof found === 'string' && found !== predicateType)
    throw new ReproofError(
      'EVIDENCE_TYPE',
      `${DOING}: it is of the type ${JSON.stringify(found.slice(0, 200))}, wanted was ${predicateType}`,
    );
  return checked(schema as JsonSchema, value) as Statement;
}

function checked(schema: JsonSchema, value: unknown): unknown {
  const fault = faultIn(value, schema);
  if (fault !== undefined) throw malformed(fault);
  return value;
}

/** Why a statement cannot be what it says it is. */
export function malformed(why: string): ReproofError {
  return new ReproofError('EVIDENCE_MALFORMED', `${DOING}: ${why}`);
}
