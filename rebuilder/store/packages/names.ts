import type { Queries } from '../database.ts';

/** More names than this are looked for by the database: so many rows match that it meets a page of them soon. */
const MOST_NAMES = 400;

/** The names of all packages in one text, which is searched faster than any index of their parts: 70,000 are 1.5 MB. */
export type NameSearch = {
  /** Names that hold a text in any case of A to Z, of sources and binaries; undefined where they are many. */
  readonly holding: (db: Queries, search: string) => Promise<readonly string[] | undefined>;
};

/** A search that reads each name once, when a row that may have a new one is there. Names never go away. */
export function createNameSearch(): NameSearch {
  const known = new Set<string>();
  const last = { source_package: 0, binary_package: 0 };
  let names = '\n';
  let lowered = '\n';
  const learn = async (db: Queries, table: keyof typeof last): Promise<void> => {
    const newest = await db.selectFrom(table).select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
    if (newest === undefined || newest.id <= last[table]) return;
    const rows = await db.selectFrom(table).select('name').distinct().where('id', '>', last[table]).execute();
    const fresh = rows.map((row) => row.name).filter((name) => !known.has(name) && !name.includes('\n'));
    for (const name of fresh) known.add(name);
    if (fresh.length > 0) {
      const text = `${fresh.join('\n')}\n`;
      names += text;
      lowered += lowerAscii(text);
    }
    last[table] = newest.id;
  };
  return {
    holding: async (db, search) => {
      await learn(db, 'source_package');
      await learn(db, 'binary_package');
      return search.includes('\n') ? [] : linesHolding(names, lowered, lowerAscii(search));
    },
  };
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
