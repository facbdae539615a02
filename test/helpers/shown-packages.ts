import type { Database } from '../../rebuilder/store/database.ts';
import { serviceRows } from './service-data.ts';

/**
 * Packages of debian sid: better (reproducible), worse (two versions reproduced, the third does not, for its dates and
 * order), broken (failed to build) and waits (nothing tried). Gives ids that tests name.
 */
export async function seededPackages(
  database: Database,
): Promise<{ readonly worse: number; readonly worseResult: number }> {
  const rows = serviceRows(database);
  const add = async (given: {
    readonly name: string;
    readonly version: string;
    readonly status: 'GOOD' | 'BAD' | null;
    readonly verdict?: string;
    readonly reason?: string;
    readonly change?: string;
    readonly at?: string;
    readonly seen?: 0 | 1;
    readonly maintainer?: string;
  }) => {
    const { name, version, status, verdict = 'reproducible', at = '2026-05-01T00:00:00.000Z', seen = 1 } = given;
    const source = await rows.source({ name, version, release: 'sid', seen, maintainer: given.maintainer ?? null });
    const input = await rows.input({
      source: name,
      version,
      release: 'sid',
      ...(status === null ? {} : { status, verdict, reason: given.reason ?? null, decided_at: at }),
    });
    const result =
      status === null
        ? null
        : await rows.result({
            build_input_id: input,
            status,
            verdict,
            reason: given.reason ?? null,
            change: given.change ?? 'first',
            built_at: at,
          });
    await database.write('making test data', async (db) => {
      if (result !== null)
        await db.updateTable('build_input').set({ result_id: result }).where('id', '=', input).execute();
    });
    await rows.binary({
      source_package_id: source,
      build_input_id: input,
      name,
      version,
      status,
      result_id: result,
      seen,
    });
    return { input, result: result ?? 0 };
  };
  await add({ name: 'worse', version: '1-1', status: 'GOOD', at: '2026-03-01T00:00:00.000Z', seen: 0 });
  await add({ name: 'worse', version: '2-1', status: 'GOOD', at: '2026-04-01T00:00:00.000Z', seen: 0, change: 'same' });
  const worse = await add({
    name: 'worse',
    version: '3-1',
    status: 'BAD',
    verdict: 'unreproducible',
    reason: 'nondeterministic',
    change: 'regression',
    maintainer: 'The Team <team@example.org>',
  });
  await add({ name: 'better', version: '1-1', status: 'GOOD' });
  await add({ name: 'broken', version: '1-1', status: 'BAD', verdict: 'failed-to-build' });
  await add({ name: 'waits', version: '1-1', status: null });
  await database.write('making test data', async (db) => {
    for (const cause of ['timestamp', 'order'])
      await db.insertInto('result_cause').values({ result_id: worse.result, cause }).execute();
  });
  return { worse: worse.input, worseResult: worse.result };
}
