import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { createJobStore } from '../../../rebuilder/store/jobs/index.ts';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { seedInput } from '../../helpers/seed-inputs.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const program = path.join(import.meta.dirname, '../../helpers/queue-worker.ts');
const JOBS = 60;

/** Runs a worker until it ends, or is killed after so many results. What it said. */
async function work(file: string, id: number, killAfter = Number.POSITIVE_INFINITY): Promise<readonly string[]> {
  const child = spawn(process.execPath, [program, file, String(id)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const said: string[] = [];
  for await (const line of createInterface(child.stdout)) if (said.push(line) === killAfter) child.kill('SIGKILL');
  await closed;
  return said;
}

it('processes on one queue record every job once, whoever of them is killed', async () => {
  const file = path.join(await temporaryFolder(), 'queue.sqlite3');
  const database = await openSqlite(file);
  onTestFinished(() => database.close());
  for (let number = 0; number < JOBS; number++) await seedInput(database, { source: `s${number}` });
  await createJobStore(database).ask({}, { kind: 'new' });
  const said = await Promise.all([work(file, 1, 3), work(file, 2, 7), work(file, 3)]);
  expect(said.flat().filter((kind) => kind !== 'recorded')).toEqual([]);
  const results = await database.read('reading', (db) =>
    db.selectFrom('result').select(['build_input_id', 'job_id', 'lease']).execute(),
  );
  expect(results.map((row) => row.build_input_id).toSorted((left, right) => left - right)).toEqual(
    Array.from({ length: JOBS }, (_, index) => index + 1),
  );
  expect(new Set(results.map(({ lease }) => lease)).size).toBe(JOBS);
  expect((await createJobStore(database).jobs({}, {})).total).toBe(0);
});
