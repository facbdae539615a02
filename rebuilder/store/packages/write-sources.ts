import type { Queries } from '../database.ts';
import { changeRows } from './change-rows.ts';
import type { Changes, NewSource } from './changes.ts';
import { rowInserter } from './insert-rows.ts';
import { pieces } from './pieces.ts';

const PIECE = 200;

/** Puts source packages in, or finds them where history has them, and gives their ids in the order of the list. */
export async function insertSources(
  db: Queries,
  sources: readonly NewSource[],
  { distribution, now }: { readonly distribution: string; readonly now: string },
): Promise<Int32Array> {
  const ids = new Int32Array(sources.length);
  const insert = rowInserter(db, 'source_package', ['id', 'release', 'name', 'version']);
  let at = 0;
  for (const piece of pieces(sources, PIECE)) {
    const inserted = await insert(
      piece.map(({ release, component, name, version, maintainer }) => ({
        distribution,
        release,
        component,
        name,
        version,
        maintainer,
        first_seen_at: now,
        last_seen_at: now,
        seen: 1,
      })),
    );
    const byName = new Map(inserted.map((row) => [`${row.release}\0${row.name}\0${row.version}`, row.id]));
    for (const source of piece) {
      const id = byName.get(`${source.release}\0${source.name}\0${source.version}`);
      ids[at++] = id ?? (await seeSourceAgain(db, source, { distribution, now }));
    }
  }
  return ids;
}

async function seeSourceAgain(
  db: Queries,
  { release, name, version, component, maintainer }: NewSource,
  { distribution, now }: { readonly distribution: string; readonly now: string },
): Promise<number> {
  const row = await db
    .selectFrom('source_package')
    .select(['id', 'component', 'maintainer'])
    .where('name', '=', name)
    .where('version', '=', version)
    .where('distribution', '=', distribution)
    .where('release', '=', release)
    .executeTakeFirstOrThrow();
  await db
    .updateTable('source_package')
    .set({
      component: component ?? row.component,
      maintainer: maintainer ?? row.maintainer,
      last_seen_at: now,
      seen: 1,
    })
    .where('id', '=', row.id)
    .execute();
  return row.id;
}

/** Brings the descriptions of source packages up to date. */
export async function changeSources(db: Queries, changes: Changes['sourceChanges']): Promise<void> {
  await changeRows(
    db,
    { table: 'source_package', numbers: [] },
    changes.map(({ id, component, maintainer }) => ({ id, component, maintainer })),
  );
}
