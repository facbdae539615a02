import type { Database } from '../database.ts';
import type { PackageStore, Profile } from './types.ts';

const LONGEST_ERROR = 2000;

/** See PackageStore.noteSync. */
export async function noteSync(
  database: Database,
  name: string,
  event: Parameters<PackageStore['noteSync']>[1],
): Promise<void> {
  const now = database.now();
  await database.write(`noting the sync of profile ${JSON.stringify(name)}`, async (db) => {
    if (event.kind === 'started')
      await db
        .insertInto('profile')
        .values({ name, distribution: event.distribution, revision: 0 })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    const noted =
      event.kind === 'started'
        ? { started_at: now }
        : { finished_at: now, error: event.kind === 'failed' ? event.error.slice(0, LONGEST_ERROR) : null };
    await db.updateTable('profile').set(noted).where('name', '=', name).execute();
  });
}

/** All profiles by name. */
export async function readProfiles(database: Database): Promise<readonly Profile[]> {
  const rows = await database.read('listing profiles', (db) =>
    db.selectFrom('profile').selectAll().orderBy('name').execute(),
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    distribution: row.distribution,
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
    ...(row.error === null ? {} : { error: row.error }),
    ...(row.input_digest === null ? {} : { inputDigest: row.input_digest }),
    ...(row.suite_dates === null ? {} : { suiteDates: JSON.parse(row.suite_dates) as Record<string, string> }),
  }));
}
