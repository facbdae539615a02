import { type Kysely, sql } from 'kysely';
import { isPostgres } from './dialect.ts';

const LANE_OF_INPUT = sql`select queue_lane.id from queue_lane join build_input
  on queue_lane.distribution = build_input.distribution and queue_lane.release = build_input.release
  and queue_lane.architecture = build_input.architecture where build_input.id = new.build_input_id`;

/** Has the database itself put each new job into the lane of its input, whoever queues it, when it is inserted without one. */
export async function laneNewJobs(db: Kysely<unknown>): Promise<void> {
  if (isPostgres(db)) {
    const body = `begin
      select queue_lane.id into new.lane_id from queue_lane join build_input
        on queue_lane.distribution = build_input.distribution and queue_lane.release = build_input.release
        and queue_lane.architecture = build_input.architecture where build_input.id = new.build_input_id;
      if new.lane_id is null then
        insert into queue_lane (distribution, release, architecture, last_lease)
          select distribution, release, architecture, 0 from build_input where id = new.build_input_id
          on conflict (distribution, release, architecture) do update set last_lease = queue_lane.last_lease
          returning id into new.lane_id;
      end if;
      return new;
    end`;
    await sql`create function job_lane() returns trigger language plpgsql as ${sql.lit(body)}`.execute(db);
    await sql`create trigger job_lane before insert on job for each row when (new.lane_id is null) execute function job_lane()`.execute(
      db,
    );
    return;
  }
  await sql`create trigger job_lane after insert on job when new.lane_id is null begin
    insert into queue_lane (distribution, release, architecture, last_lease)
      select distribution, release, architecture, 0 from build_input
      where id = new.build_input_id and not exists (${LANE_OF_INPUT});
    update job set lane_id = (${LANE_OF_INPUT}) where id = new.id;
  end`.execute(db);
}
