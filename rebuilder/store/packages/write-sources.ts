import type { Queries } from '../database.ts';
import type { Changes, NewSource } from './changes.ts';
import { pieces } from './pieces.ts';

const PIECE = 200;

/** Puts source packages in, or finds them where history has them, and gives their ids in the order of the list. */
export async function insertSources(
  db: Queries,
  sources: readonly NewSource[],
  { distribution, now }: { readonly distribution: string; readonly now: string },
): Promise<Int32Array> {
  const ids = new Int32Array(sources.length);
  let at = 0;
  for (const piece of pieces(sources, PIECE)) {
    const inserted = await db
      .insertInto('source_package')
      .values(
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
      )
      .onConflict((conflict) => conflict.doNothing())
      .returning(['id', 'release', 'name', 'version'])
      .execute();
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
  for (const { id, component, maintainer } of changes)
    await db.updateTable('source_package').set({ component, maintainer }).where('id', '=', id).execute();
}
