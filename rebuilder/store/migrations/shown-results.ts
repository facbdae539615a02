import { type Kysely, sql } from 'kysely';
import { isPostgres } from './dialect.ts';

/** What lists show of a binary package's deciding result and its artifact, as JSON: see ShownResult in packages/rows.ts. */
function shown(json: 'json_object' | 'json_build_object'): string {
  return `select ${json}('builtAt', r.built_at, 'verdict', r.verdict, 'reason', r.reason, 'workerId', r.worker_id,
      'exitStatus', r.exit_status, 'wallSeconds', r.wall_seconds, 'rebuiltSha256', a.rebuilt_sha256,
      'report', case when a.report_sha256 is null then 0 else 1 end,
      'attestation', case when a.attestation_sha256 is null then 0 else 1 end,
      'checkedHere', coalesce(a.checked_here, 0))
    from result r left join result_artifact a on a.id = new.artifact_id where r.id = new.result_id`;
}

/**
 * Has the database keep in each binary package what lists show of its result: rows of results lie all over the file, and
 * a page of a thousand packages would read two for each. Results and their artifacts never change.
 */
export async function showResultsOnPackages(db: Kysely<unknown>): Promise<void> {
  if (isPostgres(db)) {
    await sql`create function binary_package_shown() returns trigger language plpgsql as ${sql.lit(
      `begin new.shown := (${shown('json_build_object')}); return new; end`,
    )}`.execute(db);
    await sql`create trigger binary_package_shown before insert or update of result_id, artifact_id on binary_package
      for each row when (new.result_id is not null) execute function binary_package_shown()`.execute(db);
    return;
  }
  for (const [name, event] of [
    ['binary_package_shown_new', 'insert'],
    ['binary_package_shown_changed', 'update of result_id, artifact_id'],
  ] as const)
    await sql`create trigger ${sql.id(name)} after ${sql.raw(event)} on binary_package when new.result_id is not null begin
      update binary_package set shown = (${sql.raw(shown('json_object'))}) where id = new.id; end`.execute(db);
}
