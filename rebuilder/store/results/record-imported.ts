import { ReproofError } from '../../../model/index.ts';
import type { Database, Queries } from '../database.ts';
import { lockInput } from './input-row.ts';
import { insertArtifacts, insertResult } from './record-rows.ts';
import { changeFrom, learnedFrom, settles, showOnInput, showOnPackages } from './record-status.ts';
import type { ResultEntry } from './types.ts';

/** A result that no job of ours ended in, of a build input. */
type Imported = { readonly buildInputId: number; readonly entry: ResultEntry };

/** ResultStore.importResult. Throws RESOURCE_UNKNOWN. */
export async function importResult(database: Database, buildInputId: number, entry: ResultEntry): Promise<number> {
  const [id] = await importResults(database, [{ buildInputId, entry }]);
  return id as number;
}

/** ResultStore.importResults: one transaction. Throws RESOURCE_UNKNOWN. */
export async function importResults(database: Database, imported: readonly Imported[]): Promise<readonly number[]> {
  return database.write(`importing ${imported.length} results`, async (db) => {
    const ids: number[] = [];
    for (const each of imported) ids.push(await importOne(db, each));
    return ids;
  });
}

/** History does not count towards retries: only what is shown of the input follows it, and nobody waits for what is known. */
async function importOne(db: Queries, { buildInputId, entry }: Imported): Promise<number> {
  const there = await db.selectFrom('build_input').select('id').where('id', '=', buildInputId).executeTakeFirst();
  if (there === undefined)
    throw new ReproofError(
      'RESOURCE_UNKNOWN',
      `importing a result of build input ${buildInputId}: there is no such input`,
    );
  const input = await lockInput(db, buildInputId);
  const id = await insertResult(db, entry, {
    build_input_id: buildInputId,
    job_id: null,
    lease: null,
    worker_id: entry.workerId ?? null,
    change: await changeFrom(db, input, entry),
    retries: 0,
  });
  const artifacts = await insertArtifacts(db, id, entry.artifacts);
  const settled = await settles(db, input, entry);
  await db
    .updateTable('build_input')
    .set({ ...learnedFrom(input, entry), ...(settled ? showOnInput(entry, id) : {}) })
    .where('id', '=', buildInputId)
    .execute();
  if (settled) {
    await showOnPackages(db, { inputId: buildInputId, resultId: id, status: entry.status, artifacts });
    if (entry.status === 'GOOD')
      await db
        .deleteFrom('job')
        .where('build_input_id', '=', buildInputId)
        .where('kind', '=', 'new')
        .where('state', '=', 'queued')
        .execute();
  }
  return id;
}
