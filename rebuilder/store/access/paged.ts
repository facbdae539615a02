import type { SelectQueryBuilder } from 'kysely';
import type { PageRequest } from '../page.ts';
import type { Tables } from '../tables.ts';

type Numbered = 'worker' | 'audit' | 'delivery';

/**
 * The part of a list by id that a page asks for; rows of a list sorted by more bring their own order. The row of a
 * cursor that is not there ends nothing: ids only grow.
 */
export function pageById<Table extends Numbered, Row>(
  query: SelectQueryBuilder<Tables, Table, Row>,
  page: Pick<PageRequest<'id'>, 'after' | 'before' | 'direction' | 'limit'>,
): SelectQueryBuilder<Tables, Table, Row> {
  const down = page.direction === 'descending';
  // One cast for three tables: the column is there in each, and Kysely cannot see it through a type parameter.
  let part = query as unknown as SelectQueryBuilder<Tables, 'audit', Row>;
  if (page.after !== undefined) part = part.where('id', down ? '<' : '>', page.after);
  if (page.before !== undefined) part = part.where('id', down ? '>' : '<', page.before);
  part = part.orderBy('id', down ? 'desc' : 'asc');
  if (page.limit !== undefined) part = part.limit(page.limit);
  return part as unknown as SelectQueryBuilder<Tables, Table, Row>;
}
