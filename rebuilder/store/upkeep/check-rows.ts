import { sha256Of } from '../../../model/index.ts';
import type { Database, Queries } from '../database.ts';

const AT_ONCE = 200;
const MOST_LINES = 100;

/** What is wrong in and between rows though each is where it should be; a line each, at most 100 of a kind. */
export async function checkRows(database: Database, signal?: AbortSignal): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const table of ['stage', 'record'] as const) lines.push(...(await checkTexts(database, table, signal)));
  for (const { what, find } of AGREEMENTS) {
    const ids = await database.read(`checking rows: ${what}`, find);
    lines.push(...ids.slice(0, MOST_LINES).map((id) => `${what}: ${id}`));
  }
  return lines;
}

/** Rebuilds whose stored text has not the digest that was stored beside it. */
async function checkTexts(
  database: Database,
  table: 'stage' | 'record',
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let last: string | undefined = ''; last !== undefined && lines.length < MOST_LINES; ) {
    signal?.throwIfAborted();
    const after: string = last;
    const { rows, ids } = await database.read(`checking rows of ${table}`, async (db) => {
      const some = await db
        .selectFrom('rebuild')
        .select('id')
        .where('id', '>', after)
        .orderBy('id')
        .limit(AT_ONCE)
        .execute();
      const ids = some.map((rebuild) => rebuild.id);
      if (ids.length === 0) return { rows: [], ids };
      const columns = ['rebuild_id', 'value', 'sha256'] as const;
      const rows =
        table === 'stage'
          ? await db.selectFrom('stage').select(columns).where('rebuild_id', 'in', ids).execute()
          : await db.selectFrom('record').select(columns).where('rebuild_id', 'in', ids).execute();
      return { rows, ids };
    });
    for (const { rebuild_id, value, sha256 } of rows)
      if (sha256Of(value) !== sha256) lines.push(`the text of a ${table} of rebuild ${rebuild_id} is another`);
    last = ids.at(-1);
  }
  return lines;
}

type Agreement = { readonly what: string; readonly find: (db: Queries) => Promise<readonly number[]> };

/** Columns that repeat what other rows say, and what can only be one way. */
const AGREEMENTS: readonly Agreement[] = [
  {
    what: 'the deciding result of a build input is not one of its own that decides',
    find: async (db) => {
      const rows = await db
        .selectFrom('build_input')
        .leftJoin('result', 'result.id', 'build_input.result_id')
        .select('build_input.id')
        .where('build_input.result_id', 'is not', null)
        .where((eb) =>
          eb.or([eb('result.id', 'is', null), eb('result.build_input_id', '<>', eb.ref('build_input.id'))]),
        )
        .limit(MOST_LINES)
        .execute();
      return rows.map(({ id }) => id);
    },
  },
  {
    what: 'a leased job has no lease or no end of it',
    find: async (db) => {
      const rows = await db
        .selectFrom('job')
        .select('id')
        .where('state', '=', 'leased')
        .where((eb) => eb.or([eb('lease', 'is', null), eb('expires_at', 'is', null)]))
        .limit(MOST_LINES)
        .execute();
      return rows.map(({ id }) => id);
    },
  },
  {
    what: 'two leased jobs have the same lease',
    find: async (db) => {
      const rows = await db
        .selectFrom('job')
        .select((eb) => [eb.fn.max('id').as('id')])
        .where('lease', 'is not', null)
        .groupBy('lease')
        .having((eb) => eb.fn.countAll<number>(), '>', 1)
        .limit(MOST_LINES)
        .execute();
      return rows.map(({ id }) => id);
    },
  },
];
