import type { Database, Queries } from '../database.ts';
import { pieces } from './pieces.ts';

const PIECE = 200;

/** Writes today's counts of every release and architecture; those of the same day, written earlier, are replaced. */
export async function noteDay(database: Database): Promise<void> {
  const day = database.now().slice(0, 10);
  const rows = await database.readAside('counting the packages of a day', counts);
  await database.write('writing the counts of a day', async (db) => {
    await db.deleteFrom('daily_status').where('day', '=', day).execute();
    for (const piece of pieces(rows, PIECE))
      await db
        .insertInto('daily_status')
        .values(piece.map((row) => ({ day, ...row })))
        .execute();
  });
}

type Count = {
  readonly distribution: string;
  readonly release: string;
  readonly architecture: string;
  good: number;
  bad: number;
  fail: number;
  unknown: number;
};

async function counts(db: Queries): Promise<readonly Count[]> {
  const rows = await db
    .selectFrom('binary_package as binary')
    .innerJoin('build_input as input', 'input.id', 'binary.build_input_id')
    .select(({ fn }) => [
      'binary.distribution',
      'binary.release',
      'binary.architecture',
      'binary.status',
      'input.status as inputStatus',
      fn.countAll<number>().as('packages'),
    ])
    .where('binary.seen', '=', 1)
    .groupBy(['binary.distribution', 'binary.release', 'binary.architecture', 'binary.status', 'input.status'])
    .execute();
  const byPlace = new Map<string, Count>();
  for (const { distribution, release, architecture, status, inputStatus, packages } of rows) {
    const place = `${distribution}\0${release}\0${architecture}`;
    const count = byPlace.get(place) ?? { distribution, release, architecture, good: 0, bad: 0, fail: 0, unknown: 0 };
    byPlace.set(place, count);
    count[wordOf(status, inputStatus)] += Number(packages);
  }
  return [...byPlace.values()];
}

function wordOf(status: string | null, inputStatus: string | null): 'good' | 'bad' | 'fail' | 'unknown' {
  if (status === 'GOOD') return 'good';
  if (status === 'BAD') return 'bad';
  return status === 'FAIL' || inputStatus === 'FAIL' ? 'fail' : 'unknown';
}
