import { canonicalJson, type RebuildRecord, ReproofError, STAGES, type StageName } from '../../model/index.ts';
import type { Database, Queries } from './database.ts';
import { newId, readIdPrefix } from './ids.ts';
import { readStoredJson, storedJson } from './stored-json.ts';
import { askedFor, stageOrder, summarize, summaryRows } from './summaries.ts';
import type { RebuildFilter, RebuildRequest, RebuildSummary, Store, StoredStage } from './types.ts';

const CANDIDATES_NAMED = 5;
const ID_TRIES = 5;

/** The store over any dialect's database. It closes the database. */
export function createStore(database: Database): Store {
  return {
    createRebuild: (request) => createRebuild(database, request),
    rebuild: (idOrPrefix) => findRebuild(database, idOrPrefix),
    rebuilds: (filter) => listRebuilds(database, filter),
    saveStage: (id, stage) => saveStage(database, id, stage),
    stages: (id) => readStages(database, id),
    saveRecord: (record) => saveRecord(database, record),
    recordedWithout: (stage, limit) => listRecordedWithout(database, stage, limit),
    record: (id) => readRecord(database, id),
    close: () => database.close(),
  };
}

async function createRebuild(database: Database, request: RebuildRequest): Promise<string> {
  const row = { created_at: database.now(), request: canonicalJson(request), ...askedFor(request.target) };
  return database.write('beginning a rebuild', async (db) => {
    for (let tries = 0; tries < ID_TRIES; tries++) {
      const id = newId();
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('rebuild')
        .values({ id, ...row })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows === 1n) return id;
    }
    throw new ReproofError('INTERNAL', `beginning a rebuild: ${ID_TRIES} new ids were all taken`);
  });
}

async function findRebuild(database: Database, idOrPrefix: string): Promise<RebuildSummary> {
  const doing = `looking up rebuild ${JSON.stringify(idOrPrefix.slice(0, 40))}`;
  const prefix = readIdPrefix(idOrPrefix);
  if (prefix === undefined)
    throw new ReproofError('RECORD_UNKNOWN', `${doing}: that is no beginning of a rebuild's id`);
  return database.read(doing, async (db) => {
    const rows = await summaryRows(db)
      .where('rebuild.id', 'like', `${prefix}%`)
      .orderBy('rebuild.sequence', 'desc')
      .limit(CANDIDATES_NAMED + 1)
      .execute();
    const summaries = await summarize(db, rows);
    const [only, ...others] = summaries;
    if (only === undefined) throw new ReproofError('RECORD_UNKNOWN', `${doing}: there is none`);
    if (others.length === 0) return only;
    const ids = summaries.slice(0, CANDIDATES_NAMED).map((summary) => summary.id);
    const more = summaries.length > CANDIDATES_NAMED ? ' and more' : '';
    throw new ReproofError('RECORD_UNKNOWN', `${doing}: it is the beginning of ${ids.join(', ')}${more}`);
  });
}

async function listRebuilds(database: Database, filter: RebuildFilter): Promise<readonly RebuildSummary[]> {
  return database.read('listing rebuilds', async (db) => {
    let query = summaryRows(db).orderBy('rebuild.sequence', 'desc').limit(filter.limit);
    const { source, suite, verdict } = filter;
    if (source !== undefined)
      query = query.where(({ eb, fn }) => eb(fn.coalesce('target.source', 'rebuild.asked_name'), '=', source));
    if (suite !== undefined)
      query = query.where(({ eb, fn }) => eb(fn.coalesce('target.suite', 'rebuild.asked_suite'), '=', suite));
    if (verdict !== undefined) query = query.where('record.verdict', '=', verdict);
    return summarize(db, await query.execute());
  });
}

async function listRecordedWithout(database: Database, stage: StageName, limit: number): Promise<readonly string[]> {
  return database.read(`listing rebuilds without the stage ${stage}`, async (db) => {
    const rows = await db
      .selectFrom('rebuild')
      .innerJoin('record', 'record.rebuild_id', 'rebuild.id')
      .leftJoin('stage', (join) => join.onRef('stage.rebuild_id', '=', 'rebuild.id').on('stage.stage', '=', stage))
      .select('rebuild.id')
      .where('stage.stage', 'is', null)
      .orderBy('rebuild.sequence', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id);
  });
}

async function saveStage(database: Database, id: string, stage: StoredStage): Promise<void> {
  const doing = `saving stage ${stage.stage} of rebuild ${id}`;
  const stored = storedJson(stage.value);
  await database.write(doing, async (db) => {
    await requireRebuild(db, id, doing);
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('stage')
      .values({
        rebuild_id: id,
        stage: stage.stage,
        ...stored,
        started_at: stage.startedAt,
        wall_seconds: stage.wallSeconds,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows !== 1n)
      throw new ReproofError('STORE_CORRUPT', `${doing}: it is stored already, and a stage is stored once`);
    await noteTarget(db, id, stage.value);
  });
}

async function readStages(database: Database, id: string): Promise<readonly StoredStage[]> {
  const doing = `reading the stages of rebuild ${id}`;
  return database.read(doing, async (db) => {
    await requireRebuild(db, id, doing);
    const rows = await db.selectFrom('stage').selectAll().where('rebuild_id', '=', id).execute();
    return rows
      .filter((row) => STAGES.includes(row.stage as StageName))
      .sort((left, right) => stageOrder(left.stage) - stageOrder(right.stage))
      .map((row) => ({
        stage: row.stage as StageName,
        value: readStoredJson(row, `stage ${row.stage} of rebuild ${id}`, database.place),
        startedAt: row.started_at,
        wallSeconds: row.wall_seconds,
      }));
  });
}

/** One stage of a rebuild; undefined where it, or the rebuild, is not there. */
export async function readStage(database: Database, id: string, name: StageName): Promise<StoredStage | undefined> {
  return database.read(`reading stage ${name} of rebuild ${id}`, async (db) => {
    const row = await db
      .selectFrom('stage')
      .selectAll()
      .where('rebuild_id', '=', id)
      .where('stage', '=', name)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const value = readStoredJson(row, `stage ${name} of rebuild ${id}`, database.place);
    return { stage: name, value, startedAt: row.started_at, wallSeconds: row.wall_seconds };
  });
}

async function saveRecord(database: Database, record: RebuildRecord): Promise<void> {
  const doing = `saving the record of rebuild ${record.id}`;
  const stored = storedJson(record);
  const { verdict } = record;
  await database.write(doing, async (db) => {
    await requireRebuild(db, record.id, doing);
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('record')
      .values({
        rebuild_id: record.id,
        ...stored,
        verdict: verdict.kind,
        reason: 'reason' in verdict ? verdict.reason : null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 1n) return noteTarget(db, record.id, record);
    const there = await db
      .selectFrom('record')
      .select('sha256')
      .where('rebuild_id', '=', record.id)
      .executeTakeFirstOrThrow();
    if (there.sha256 !== stored.sha256)
      throw new ReproofError('STORE_CORRUPT', `${doing}: another record of it is there, and a record is written once`);
  });
}

async function readRecord(database: Database, id: string): Promise<RebuildRecord | undefined> {
  const doing = `reading the record of rebuild ${id}`;
  return database.read(doing, async (db) => {
    const row = await db
      .selectFrom('record')
      .select(['value', 'sha256'])
      .where('rebuild_id', '=', id)
      .executeTakeFirst();
    if (row !== undefined) return readStoredJson(row, `the record of rebuild ${id}`, database.place) as RebuildRecord;
    await requireRebuild(db, id, doing);
    return undefined;
  });
}

async function requireRebuild(db: Queries, id: string, doing: string): Promise<void> {
  const row = await db.selectFrom('rebuild').select('id').where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new ReproofError('RECORD_UNKNOWN', `${doing}: there is no such rebuild`);
}

/** Keeps the target that a stage's value or a record carries, the first time one does. */
async function noteTarget(db: Queries, id: string, value: unknown): Promise<void> {
  const target = targetOf(value);
  if (target === undefined) return;
  await db
    .insertInto('target')
    .values({ rebuild_id: id, ...target })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function targetOf(value: unknown) {
  if (typeof value !== 'object' || value === null || !('target' in value)) return undefined;
  if (typeof value.target !== 'object' || value.target === null) return undefined;
  const { source, version, suite, architecture } = value.target as Record<string, unknown>;
  if (typeof source !== 'string' || typeof version !== 'string') return undefined;
  if (typeof suite !== 'string' || typeof architecture !== 'string') return undefined;
  return { source, version, suite, architecture };
}
