import { z } from 'zod';
import type { OriginFilter, PageRequest } from '../../store/page.ts';
import { given } from '../paging.ts';

const LARGEST_ID = 2 ** 31 - 1;
const text = z.string().max(1_000);
const id = z.coerce.number().int().min(-LARGEST_ID).max(LARGEST_ID);

/** An id in an address. */
export const idParams = z.object({ id: id.min(0) });
export const artifactParams = z.object({ id: id.min(0), artifact: id.min(0) });

/** What every list of version 1 takes, beside its filters. Others are ignored, as rebuilderd does. */
const page = {
  limit: id.optional(),
  before: id.optional(),
  after: id.optional(),
  sort: text.optional(),
  direction: z.enum(['Ascending', 'Descending']).optional(),
};
const origin = {
  distribution: text.optional(),
  release: text.optional(),
  component: text.optional(),
  architecture: text.optional(),
};
const flag = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .optional();
const statuses = text
  .transform((value) => value.split(','))
  .pipe(z.array(z.enum(['GOOD', 'BAD', 'FAIL', 'UNKWN'])))
  .optional();

export const originQuery = z.object(origin);
export const pageQuery = z.object(page);
export const listQuery = z.object({ ...page, ...origin, name: text.optional(), version: text.optional() });
export const packageQuery = listQuery.extend({
  source_name: text.optional(),
  seen_only: flag,
  status: statuses,
  name_starts_with: text.optional(),
  search: z.string().min(3).max(200).optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export const buildQuery = listQuery.extend({ status: statuses, since: z.string().max(40).optional() });

type PageQuery = z.infer<typeof pageQuery>;

/** rebuilderd's own page size. */
const LIMIT = 1_000;
/** More rows than this, and lists without a limit, are sent as they are read. */
const LARGEST_PAGE = 5_000;

/** A list's part as stores take it, in columns that this list has. A negative limit is none. */
export function pageOf<Column extends string>(
  query: PageQuery,
  columns: Readonly<Record<string, Column>>,
): PageRequest<Column> | undefined {
  const { sort, direction, after, before, limit = LIMIT } = query;
  const column = sort === undefined ? undefined : Object.hasOwn(columns, sort) ? columns[sort] : undefined;
  if (sort !== undefined && column === undefined) return undefined;
  return given({
    sort: column,
    direction: direction === 'Descending' ? ('descending' as const) : undefined,
    after,
    before,
    limit: limit < 0 ? undefined : limit,
  }) as PageRequest<Column>;
}

/** Whether a part is sent piece by piece. */
export function isLong(page: PageRequest<string>): boolean {
  return page.limit === undefined || page.limit > LARGEST_PAGE;
}

/** Where things are from, as stores take it. */
export function originOf(query: z.infer<typeof originQuery>): OriginFilter {
  const { distribution, release, component, architecture } = query;
  return given({ distribution, release, component, architecture }) as OriginFilter;
}
