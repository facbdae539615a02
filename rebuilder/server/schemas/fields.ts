import { z } from 'zod';
import { JOB_KINDS } from '../../store/jobs/types.ts';
import { STATUSES } from '../../store/page.ts';

/** Text of a query or a body: names, versions. Long enough for every real one. */
export const word = z.string().min(1).max(200);
export const rowId = z.coerce.number().int().min(1).max(2_147_483_647);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'it has to be 64 hexadecimal digits');
export const instant = z.iso.datetime({ offset: true });
const day = z.iso.date();
/** A day, or an instant; as an instant in UTC. */
export const since = z.union([day, instant]).transform((text) => new Date(text).toISOString());

/** A list in one parameter, by commas. */
export const listOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z
    .string()
    .max(200)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values)).min(1).max(20));

export const yesNo = z.enum(['true', 'false']).transform((text) => text === 'true');
export const status = z.enum(STATUSES);
export const statusOrNone = ['GOOD', 'BAD', 'FAIL', 'UNKWN', 'none'] as const;
export const VERDICTS = ['reproducible', 'unreproducible', 'failed-to-build', 'inconclusive', 'unknown'] as const;
export const change = ['first', 'same', 'regression', 'fixed'] as const;
export const jobKind = z.enum(JOB_KINDS);

/** Where packages come from. `release`: `-` for those of no release. */
export const originQuery = {
  distribution: word.optional(),
  release: word.optional(),
  component: word.optional(),
  architecture: word.optional(),
};

/** Which part of a list. `cursor` is `next` of the part before. */
export const pageQuery = {
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  direction: z.enum(['ascending', 'descending']).optional(),
};

/** A part of a list: `total` counts the whole, `next` is there while there is more. */
export const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({ total: z.number(), records: z.array(row).readonly(), next: z.string().optional() });

export const idParams = z.object({ id: rowId });

/** Every failure. `code` is one of docs/errors.md. */
export const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) }).meta({ id: 'Failure' });

/** An answer that is no JSON. */
export const content = (type: string, description: string) => ({
  description,
  content: { [type]: { schema: z.string() } },
});
