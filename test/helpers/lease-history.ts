import { type Kysely, sql } from 'kysely';
import type { Database } from '../../rebuilder/store/database.ts';
import { isPostgres } from '../../rebuilder/store/migrations/dialect.ts';

const COLUMNS = ['job_id', 'event', 'lease', 'worker_id', 'leased_at', 'expires_at'] as const;

/** What the new row of a job's update is: given anew, kept, back in the queue by hand or because its lease ended. */
const EVENT = `case
  when new.state = 'leased' and old.state = 'leased' and new.lease <> old.lease then 'taken away'
  when new.state = 'leased' and old.state = 'leased' then 'kept'
  when new.state = 'leased' then 'given'
  when old.state <> 'leased' then 'waits'
  when new.lost_leases > old.lost_leases then 'ran out'
  else 'given back' end`;

/**
 * Has the database itself write down what becomes of every job, in a table beside ours, lease_history: whoever writes
 * it and however it dies, no change of a job is without its row there.
 */
export async function keepLeaseHistory(database: Database): Promise<void> {
  await database.write('keeping the history of leases', async (db) => {
    const postgres = isPostgres(db as unknown as Kysely<unknown>);
    const text = sql.raw(postgres ? 'text collate "C"' : 'text');
    const number = sql.raw(postgres ? 'integer generated always as identity' : 'integer');
    await sql`create table lease_history (seq ${number} primary key, job_id integer, event ${text}, lease integer,
      worker_id integer, leased_at ${text}, expires_at ${text})`.execute(db);
    const written = `insert into lease_history (${COLUMNS.join(', ')}) values`;
    const updated = `${written} (new.id, ${EVENT}, coalesce(new.lease, old.lease),
      coalesce(new.worker_id, old.worker_id), new.leased_at, new.expires_at);`;
    const deleted = `${written} (old.id, 'ended', old.lease, old.worker_id, old.leased_at, old.expires_at);`;
    for (const [change, statement] of [
      ['update', updated],
      ['delete', deleted],
    ] as const) {
      const name = `lease_history_${change}`;
      if (postgres)
        await sql
          .raw(
            `create function ${name}() returns trigger language plpgsql as $$ begin ${statement} return null; end $$`,
          )
          .execute(db);
      const action = postgres ? `execute function ${name}()` : `begin ${statement} end`;
      await sql.raw(`create trigger ${name} after ${change} on job for each row ${action}`).execute(db);
    }
  });
}

/** What must not be, each by a query that finds what is. */
const FAULTS: Readonly<Record<string, string>> = {
  'a job is left': 'select id from job',
  'an input has no result': `select id from build_input i
    where not exists (select 1 from result r where r.build_input_id = i.id)`,
  'an input has several results': 'select build_input_id as id from result group by build_input_id having count(*) > 1',
  'an input does not show its result': `select i.id from build_input i join result r on r.build_input_id = i.id
    where i.result_id is null or i.result_id <> r.id or i.status is null or i.status <> 'GOOD'`,
  'a file has not the output of its own build': `select b.id from binary_package b
    left join result_artifact a on a.id = b.artifact_id
    left join result r on r.id = a.result_id and r.build_input_id = b.build_input_id
    where r.id is null or a.rebuilt_sha256 <> b.sha256 or a.verdict <> 'identical' or a.checked_here <> 1
      or b.status is null or b.status <> 'GOOD'`,
  'an artifact is one too many': `select a.id from result_artifact a
    where not exists (select 1 from binary_package b where b.artifact_id = a.id)`,
  'a result has another lease or worker than who held its job at its end': `select r.id from result r
    where not exists (select 1 from lease_history l where l.event = 'ended'
      and l.job_id = r.job_id and l.lease = r.lease and l.worker_id = r.worker_id)`,
  'a job ended without a result': `select l.job_id as id from lease_history l where l.event = 'ended'
    and not exists (select 1 from result r where r.job_id = l.job_id and r.lease = l.lease)`,
  'a job went on after its end': `select l.job_id as id from lease_history l join lease_history e
    on e.job_id = l.job_id and e.event = 'ended' and l.seq > e.seq`,
  'a lease went from one holder to another': `select job_id as id from lease_history where event = 'taken away'`,
  'a lease is of two jobs or two workers': `select lease as id from lease_history where lease is not null
    group by lease having count(distinct job_id) > 1 or count(distinct worker_id) > 1`,
  'a lease was given twice': `select lease as id from lease_history where event = 'given'
    group by lease having count(*) > 1`,
  'a later lease has a smaller number': `select b.lease as id from lease_history a join lease_history b
    on b.job_id = a.job_id and b.seq > a.seq and b.lease < a.lease`,
  'two leases of a job overlap': `select g.job_id as id from lease_history g join lease_history e
    on e.job_id = g.job_id and e.lease < g.lease and e.event in ('given', 'kept') and e.expires_at > g.leased_at
    where g.event = 'given' and not exists (select 1 from lease_history b
      where b.job_id = g.job_id and b.event = 'given back' and b.lease = e.lease)
    and not exists (select 1 from lease_history k
      where k.job_id = e.job_id and k.lease = e.lease and k.event = 'kept' and k.seq > e.seq)`,
  'a worker is not in the audit log, or twice': `select w.id from worker w left join audit a
    on a.action = 'worker.register' and a.subject = 'worker:' || w.id group by w.id having count(a.id) <> 1`,
  'the audit log has what nobody did': `select id from audit where action <> 'worker.register'`,
};

/** Those whose numbers are jobs: their history says how it came to be. */
const OF_JOBS: ReadonlySet<string> = new Set([
  'a job ended without a result',
  'a job went on after its end',
  'a lease went from one holder to another',
  'two leases of a job overlap',
]);

/** What must not be and is, a line each. */
export async function findLeaseFaults(database: Database): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [what, query] of Object.entries(FAULTS)) {
    const { rows } = await database.read(`looking whether ${what}`, (db) => sql.raw<{ id: number }>(query).execute(db));
    found.push(...rows.slice(0, 20).map(({ id }) => `${what}: ${id}`));
    if (OF_JOBS.has(what)) for (const { id } of rows.slice(0, 3)) found.push(...(await historyOf(id, database)));
  }
  return found;
}

async function historyOf(job: number, database: Database): Promise<readonly string[]> {
  const { rows } = await database.read(`reading the history of job ${job}`, (db) =>
    sql<object>`select * from lease_history where job_id = ${job} order by seq`.execute(db),
  );
  return rows.map((row) => `  ${JSON.stringify(row)}`);
}

/** How often each event was. */
export async function countLeaseEvents(database: Database): Promise<Readonly<Record<string, number>>> {
  const { rows } = await database.read('counting what became of leases', (db) =>
    sql<{ event: string; count: number }>`select event, count(*) as count from lease_history group by event`.execute(
      db,
    ),
  );
  return Object.fromEntries(rows.map(({ event, count }) => [event, Number(count)]));
}
