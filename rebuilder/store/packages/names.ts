import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { isPostgres } from '../migrations/dialect.ts';

/** More names than this are looked for by the database: so many rows match that it meets a page of them soon. */
const MOST_NAMES = 2_000;
/** So many rows' names are learnt in one go: in between, others are served. */
const IDS_AT_ONCE = 5_000;

/** The names of all packages in one text, which is searched faster than any index of their parts: 70,000 are 1.5 MB. */
export type NameSearch = {
  /**
   * Names that hold a text in any case of A to Z, of sources and binaries; undefined where they are many, and while very
   * many are still to be read, as after a first sync: nobody waits for that.
   */
  readonly holding: (search: string) => Promise<readonly string[] | undefined>;
};

/** A search that reads each name once, when a row that may have a new one is there. Names never go away. */
export function createNameSearch(database: Database): NameSearch {
  const known = new Set<string>();
  const last = { source_package: 0, binary_package: 0 };
  let names = '\n';
  let lowered = '\n';
  const newestOf = async (table: keyof typeof last): Promise<number> => {
    const row = await database.read('reading names', (db) =>
      db.selectFrom(table).select('id').orderBy('id', 'desc').limit(1).executeTakeFirst(),
    );
    return row?.id ?? 0;
  };
  const learn = async (table: keyof typeof last, newest: number): Promise<void> => {
    while (newest > last[table]) {
      const [after, upTo] = [last[table], Math.min(newest, last[table] + IDS_AT_ONCE)];
      const read = await database.readAside('reading names', (db) => namesIn(db, { table, after, upTo }));
      const fresh = read.filter((name) => {
        const { size } = known;
        return known.add(name).size > size;
      });
      if (fresh.length > 0) {
        const text = `${fresh.join('\n')}\n`;
        names += text;
        lowered += lowerAscii(text);
      }
      last[table] = upTo;
      await setImmediate();
    }
  };
  let learning = Promise.resolve();
  return {
    holding: async (search) => {
      const [sources, binaries] = [await newestOf('source_package'), await newestOf('binary_package')];
      const isMuch = Math.max(sources - last.source_package, binaries - last.binary_package) > IDS_AT_ONCE;
      // One after the other: two that learn at once would read the same.
      learning = learning
        .catch(() => {})
        .then(() => learn('source_package', sources))
        .then(() => learn('binary_package', binaries));
      if (isMuch) {
        // Who asks next learns what is missing then, and is told what fails.
        learning.catch(() => {});
        return undefined;
      }
      await learning;
      return search.includes('\n') ? [] : linesHolding(names, lowered, lowerAscii(search));
    },
  };
}

type Range = { readonly table: 'source_package' | 'binary_package'; readonly after: number; readonly upTo: number };

/**
 * Names of the rows with these ids, in one text: as rows of their own they take five times as long to get from the thread
 * that reads them.
 */
async function namesIn(db: Queries, { table, after, upTo }: Range): Promise<readonly string[]> {
  const newLine = sql.lit('\n');
  const [joined, position] = isPostgres(db as never)
    ? [sql`string_agg(name, ${newLine})`, sql`strpos(name, ${newLine})`]
    : [sql`group_concat(name, ${newLine})`, sql`instr(name, ${newLine})`];
  const { rows } = await sql<{ names: string | null }>`select ${joined} as names from ${sql.table(table)}
    where id > ${after} and id <= ${upTo} and name <> '' and ${position} = 0`.execute(db);
  return rows[0]?.names?.split('\n') ?? [];
}

function linesHolding(names: string, lowered: string, search: string): readonly string[] | undefined {
  const found: string[] = [];
  for (let at = lowered.indexOf(search); at !== -1; ) {
    if (found.length === MOST_NAMES) return undefined;
    const end = names.indexOf('\n', at);
    found.push(names.slice(names.lastIndexOf('\n', at) + 1, end));
    at = lowered.indexOf(search, end + 1);
  }
  return found;
}

/** As SQLite's lower(): other letters stay, and so does the length. */
function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
