import { type Kysely, type RawBuilder, sql } from 'kysely';
import { isPostgres } from './dialect.ts';

/** The status and the result that a source shows: the worst of its binaries', and of equal ones the newest. */
const WORST = `select status, result_id from binary_package
  where source_package_id = new.source_package_id and status is not null
  order by case status when 'BAD' then 4 when 'FAIL' then 3 when 'UNKWN' then 2 else 1 end desc, result_id desc limit 1`;
const SHOW = `update source_package set (status, result_id) = (${WORST}) where id = new.source_package_id`;

/**
 * Has the database keep in each source package the worst status of its binaries: lists filter by it, and finding it out
 * would look at all binaries. An import of what has no result yet is not slower for it.
 */
export async function showWorstOnSources(db: Kysely<unknown>): Promise<void> {
  const postgres = isPostgres(db);
  const work = postgres ? sql`execute function binary_package_worst()` : sql`begin ${sql.raw(SHOW)}; end`;
  if (postgres)
    await sql`create function binary_package_worst() returns trigger language plpgsql as ${sql.lit(
      `begin ${SHOW}; return null; end`,
    )}`.execute(db);
  const when = (event: RawBuilder<unknown>, name: string, condition: string) =>
    sql`create trigger ${sql.id(name)} after ${event} on binary_package for each row
      when (${sql.raw(condition)}) ${work}`.execute(db);
  await when(sql`insert`, 'binary_package_worst_new', 'new.status is not null');
  const changed = postgres
    ? 'new.status is distinct from old.status or new.result_id is distinct from old.result_id'
    : 'new.status is not old.status or new.result_id is not old.result_id';
  await when(sql`update of status, result_id`, 'binary_package_worst_changed', changed);
}
