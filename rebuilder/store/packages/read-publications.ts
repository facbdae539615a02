import type { Database } from '../database.ts';

const PIECE = 10_000;

/** The binary packages that a profile lists, by id, in pieces. */
export async function* publishedIds(database: Database, profile: number): AsyncGenerator<readonly number[]> {
  for (let after = 0; ; ) {
    const rows = await database.read('reading what a profile lists', (db) =>
      db
        .selectFrom('publication')
        .select('binary_package_id as id')
        .where('profile_id', '=', profile)
        .where('binary_package_id', '>', after)
        .orderBy('binary_package_id')
        .limit(PIECE)
        .execute(),
    );
    yield rows.map((row) => row.id);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PIECE) return;
    after = last.id;
  }
}
