import type { Database, Queries } from '../database.ts';
import type { QueueState } from './types.ts';

/** Settings that are not there are off. */
export async function readState(db: Queries): Promise<QueueState> {
  const rows = await db.selectFrom('queue_setting').select(['name', 'value']).execute();
  const on = new Set(rows.filter(({ value }) => value === 'on').map(({ name }) => name));
  return { paused: on.has('paused'), draining: on.has('draining') };
}

export async function setState(database: Database, state: Partial<QueueState>): Promise<void> {
  const set_at = database.now();
  await database.write('setting the state of the queue', async (db) => {
    for (const name of ['paused', 'draining'] as const) {
      if (state[name] === undefined) continue;
      const value = state[name] ? 'on' : 'off';
      await db
        .insertInto('queue_setting')
        .values({ name, value, set_at })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value, set_at }))
        .execute();
    }
  });
}
