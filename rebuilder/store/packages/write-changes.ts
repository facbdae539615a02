import { ReproofError } from '../../../model/index.ts';
import type { Queries } from '../database.ts';
import type { Changes } from './changes.ts';
import { dropJobs, queueInputs } from './import-jobs.ts';
import { rowInserter } from './insert-rows.ts';
import { pieces } from './pieces.ts';
import type { Import, ImportCounts } from './types.ts';
import { changeFiles, insertFiles, type WrittenFiles } from './write-files.ts';
import { insertInputs } from './write-inputs.ts';
import { changeSources, insertSources } from './write-sources.ts';

const PIECE = 200;

/** Writes an import's changes inside one transaction. What another import wrote since they were found out is no fault. */
export async function writeChanges(
  db: Queries,
  { order, changes, now }: { readonly order: Import; readonly changes: Changes; readonly now: string },
): Promise<ImportCounts> {
  const profile = await takeProfile(db, order, changes.revision);
  const { distribution } = order;
  const ids = await insertSources(db, changes.sources, { distribution, now });
  const sources = { ids, of: changes.sources, distribution };
  await changeSources(db, changes.sourceChanges);
  const inputs = await insertInputs(db, changes.inputs, { distribution, now });
  const written = await insertFiles(db, changes.files, { sources, inputs, now });
  await changeFiles(db, changes.fileChanges);
  const revived = await seeAgain(db, changes.publish, now);
  await publish(db, profile.id, written.ids);
  await publish(db, profile.id, changes.publish);
  const queued = await queueInputs(db, newlyListed(written, revived), { now, notBefore: order.notBefore ?? null });
  await withdraw(db, changes.withdraw, { profile: profile.id, lastSeen: profile.finished_at ?? now });
  const dropped = await dropJobs(db, changes.withdraw);
  await db
    .updateTable('profile')
    .set({
      distribution,
      finished_at: now,
      error: null,
      input_digest: order.inputDigest ?? null,
      suite_dates: order.suiteDates === undefined ? null : JSON.stringify(order.suiteDates),
      revision: profile.revision + 1,
    })
    .where('id', '=', profile.id)
    .execute();
  return {
    ...changes.counts,
    added: changes.files.length + changes.publish.length,
    withdrawn: changes.withdraw.length,
    queued,
    dropped,
  };
}

async function takeProfile(db: Queries, { profile: name, distribution }: Import, revision: number | undefined) {
  await db
    .insertInto('profile')
    .values({ name, distribution, revision: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const profile = await db
    .selectFrom('profile')
    .select(['id', 'revision', 'finished_at'])
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  if (profile.revision === (revision ?? 0)) return profile;
  const message = `importing profile ${JSON.stringify(name)}: another import of it was taken in meanwhile; try again`;
  throw new ReproofError('STORE_BUSY', message, { context: { profile: name } });
}

function newlyListed({ newlyListed: added }: WrittenFiles, revived: readonly number[]): readonly number[] {
  return [...new Set([...added, ...revived])];
}

/** Between comparing and writing another profile may have let go of what this one lists now. Gives their inputs. */
async function seeAgain(db: Queries, ids: readonly number[], now: string): Promise<readonly number[]> {
  const inputs: number[] = [];
  for (const piece of pieces(ids, PIECE)) {
    const there = await db
      .selectFrom('binary_package')
      .select(['id', 'build_input_id', 'source_package_id', 'seen'])
      .where('id', 'in', piece)
      .execute();
    const gone = there.filter((row) => row.seen === 0);
    if (gone.length === 0) continue;
    inputs.push(...gone.map((row) => row.build_input_id));
    const again = { seen: 1, last_seen_at: now };
    const [files, sources] = [gone.map((row) => row.id), gone.map((row) => row.source_package_id)];
    await db.updateTable('binary_package').set(again).where('id', 'in', files).execute();
    await db.updateTable('source_package').set(again).where('id', 'in', sources).execute();
  }
  return inputs;
}

async function publish(db: Queries, profile: number, ids: readonly number[]): Promise<void> {
  const insert = rowInserter(db, 'publication', ['binary_package_id']);
  for (const piece of pieces(ids, PIECE))
    await insert(piece.map((id) => ({ profile_id: profile, binary_package_id: id })));
}

/** Takes binary packages off a profile's list. What no profile lists any more is not seen any more; it stays as history. */
async function withdraw(
  db: Queries,
  ids: readonly number[],
  { profile, lastSeen }: { readonly profile: number; readonly lastSeen: string },
): Promise<void> {
  const gone = { seen: 0, last_seen_at: lastSeen };
  for (const piece of pieces(ids, PIECE)) {
    await db
      .deleteFrom('publication')
      .where('profile_id', '=', profile)
      .where('binary_package_id', 'in', piece)
      .execute();
    await db
      .updateTable('binary_package')
      .set(gone)
      .where('id', 'in', piece)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('publication').select('profile_id').whereRef('binary_package_id', '=', 'binary_package.id'),
          ),
        ),
      )
      .execute();
    const sources = await unseenSources(db, piece);
    if (sources.length > 0) await db.updateTable('source_package').set(gone).where('id', 'in', sources).execute();
  }
}

/** Those sources of these binary packages of which nothing is seen any more. */
async function unseenSources(db: Queries, binaries: readonly number[]): Promise<readonly number[]> {
  // By the columns of an index alone: asked of the database, the rest would have it read all that is seen, for each source.
  const rows = await db
    .selectFrom('binary_package')
    .select(['source_package_id', 'seen'])
    .where('source_package_id', 'in', (query) =>
      query.selectFrom('binary_package').select('source_package_id').where('id', 'in', binaries),
    )
    .execute();
  const seen = new Set(rows.filter((row) => row.seen === 1).map((row) => row.source_package_id));
  return [...new Set(rows.map((row) => row.source_package_id))].filter((id) => !seen.has(id));
}
