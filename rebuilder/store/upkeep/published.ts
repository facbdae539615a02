import type { Database } from '../database.ts';
import { readStoredJson } from '../stored-json.ts';

/** A rebuild whose evidence was published, and the names of its statements. */
export type PublishedRebuild = { readonly id: string; readonly names: readonly string[] };

const AT_ONCE = 500;

/** Every rebuild whose statements were published, as its stage says. Throws STORE_CORRUPT. */
export async function* publishedRebuilds(database: Database): AsyncGenerator<PublishedRebuild> {
  for (let after = ''; ; ) {
    const rows = await database.read('reading what was published', (db) =>
      db
        .selectFrom('stage')
        .selectAll()
        .where('stage', '=', 'publish')
        .where('rebuild_id', '>', after)
        .orderBy('rebuild_id')
        .limit(AT_ONCE)
        .execute(),
    );
    for (const row of rows) {
      const value = readStoredJson(row, `stage publish of rebuild ${row.rebuild_id}`, database.place);
      const { entries } = value as { readonly entries: readonly { readonly name: string }[] };
      yield { id: row.rebuild_id, names: entries.map(({ name }) => name) };
    }
    after = rows.at(-1)?.rebuild_id ?? '';
    if (rows.length < AT_ONCE) return;
  }
}
