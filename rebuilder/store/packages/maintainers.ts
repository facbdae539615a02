import type { Database } from '../database.ts';

/** More maintainers than this are not listed in a condition: so many rows match that the database meets a page of them soon. */
const MOST_MAINTAINERS = 5_000;

/**
 * Maintainers of source packages that hold a text, in any case; undefined where they are too many to list. There are a
 * few thousand of them, read along their index each time: a sync may change whose a package is.
 */
export async function maintainersHolding(database: Database, part: string): Promise<readonly string[] | undefined> {
  const rows = await database.read('reading maintainers', (db) =>
    db
      .selectFrom('source_package')
      .select('maintainer')
      .distinct()
      .where('maintainer', 'is not', null)
      .limit(MOST_MAINTAINERS + 1)
      .execute(),
  );
  if (rows.length > MOST_MAINTAINERS) return undefined;
  const wanted = part.toLowerCase();
  const known = rows.map(({ maintainer }) => maintainer ?? '');
  return known.filter((maintainer) => maintainer.toLowerCase().includes(wanted));
}
