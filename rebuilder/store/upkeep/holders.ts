import type { RebuildAttempt, Sha256 } from '../../../model/index.ts';
import type { Database } from '../database.ts';

/** A blob that something refers to. `certain`: it was stored here; a rebuilt file that is as published never was. */
export type HeldBlob = {
  readonly sha256: Sha256;
  readonly use: 'log' | 'file' | 'evidence';
  readonly certain: boolean;
};

/** A result or rebuild, and the blobs it refers to. */
export type Holder = {
  /** For people: `result 12`, `rebuild 0abc…`. */
  readonly name: string;
  /** What it is one of several of: a build input, or a target. */
  readonly group: string;
  /** When it was built: ISO 8601, UTC. */
  readonly at: string;
  /** Whether it must be kept whole: what decides now, and what is unfinished. */
  readonly kept: boolean;
  readonly rebuildId?: string;
  readonly blobs: readonly HeldBlob[];
};

const AT_ONCE = 200;

/** Every result, the newest first. */
export async function* resultHolders(database: Database): AsyncGenerator<Holder> {
  for (let before: number | undefined; ; ) {
    const page = await readResults(database, before);
    yield* page.holders;
    before = page.last;
    if (before === undefined) return;
  }
}

async function readResults(database: Database, before: number | undefined) {
  return database.read('reading what results refer to', async (db) => {
    let query = db
      .selectFrom('result')
      .innerJoin('build_input', 'build_input.id', 'result.build_input_id')
      .leftJoin('result_testimony', 'result_testimony.result_id', 'result.id')
      .select(['result.id', 'result.build_input_id', 'result.built_at', 'result.rebuild_id'])
      .select('result_testimony.sha256 as testimony')
      .select(['result.log_sha256', 'result.record_sha256', 'build_input.result_id as deciding'])
      .orderBy('result.id', 'desc')
      .limit(AT_ONCE);
    if (before !== undefined) query = query.where('result.id', '<', before);
    const rows = await query.execute();
    const ids = rows.map(({ id }) => id);
    const artifacts =
      ids.length === 0
        ? []
        : await db
            .selectFrom('result_artifact')
            .select(['result_id', 'rebuilt_sha256', 'difference_sha256', 'report_sha256', 'attestation_sha256'])
            .where('result_id', 'in', ids)
            .execute();
    const byResult = Map.groupBy(artifacts, (artifact) => artifact.result_id);
    const holders = rows.map((row): Holder => {
      const own = byResult.get(row.id) ?? [];
      return {
        name: `result ${row.id}`,
        group: `input ${row.build_input_id}`,
        at: row.built_at,
        kept: row.deciding === row.id,
        ...(row.rebuild_id === null ? {} : { rebuildId: row.rebuild_id }),
        blobs: [
          ...held(row.log_sha256, 'log'),
          ...held(row.record_sha256, 'evidence'),
          ...held(row.testimony, 'evidence'),
          ...own.flatMap((artifact) => [
            ...held(artifact.rebuilt_sha256, 'file', false),
            ...held(artifact.difference_sha256, 'evidence'),
            ...held(artifact.report_sha256, 'evidence'),
            ...held(artifact.attestation_sha256, 'evidence'),
          ]),
        ],
      };
    });
    return { holders, last: rows.length < AT_ONCE ? undefined : ids.at(-1) };
  });
}

/** Every rebuild, the newest first. What its builds made and wrote is in the stages that are stored as soon as they end. */
export async function* rebuildHolders(database: Database): AsyncGenerator<Holder> {
  for (let before: number | undefined; ; ) {
    const page = await readRebuilds(database, before);
    yield* page.holders;
    before = page.last;
    if (before === undefined) return;
  }
}

async function readRebuilds(database: Database, before: number | undefined) {
  return database.read('reading what rebuilds refer to', async (db) => {
    let query = db
      .selectFrom('rebuild')
      .leftJoin('target', 'target.rebuild_id', 'rebuild.id')
      .leftJoin('record', 'record.rebuild_id', 'rebuild.id')
      .select(['rebuild.sequence', 'rebuild.id', 'rebuild.created_at', 'record.value'])
      .select(['target.source', 'target.version', 'target.suite', 'target.architecture'])
      .orderBy('rebuild.sequence', 'desc')
      .limit(AT_ONCE);
    if (before !== undefined) query = query.where('rebuild.sequence', '<', before);
    const rows = await query.execute();
    const ids = rows.map(({ id }) => id);
    const stages =
      ids.length === 0
        ? []
        : await db
            .selectFrom('stage')
            .select(['rebuild_id', 'stage', 'value'])
            .where('rebuild_id', 'in', ids)
            .where('stage', 'in', ['build', 'control'])
            .execute();
    const byRebuild = Map.groupBy(stages, (stage) => stage.rebuild_id);
    const holders = rows.map((row): Holder => {
      const attempts = [
        ...(row.value === null ? [] : attemptsOf(row.value)),
        ...(byRebuild.get(row.id) ?? []).flatMap(({ value }) => attemptsOf(value)),
      ];
      return {
        name: `rebuild ${row.id}`,
        group: `target ${JSON.stringify([row.source, row.version, row.suite, row.architecture])}`,
        at: row.created_at,
        kept: row.value === null,
        rebuildId: row.id,
        blobs: attempts.flatMap(({ log, artifacts }) => [
          ...held(log?.blob, 'log'),
          ...(artifacts ?? []).flatMap((file) => held(file.sha256, 'file')),
        ]),
      };
    });
    return { holders, last: rows.length < AT_ONCE ? undefined : rows.at(-1)?.sequence };
  });
}

/** The builds in a record, or in the value of a build's or control's stage; none in a text that is damaged. */
function attemptsOf(text: string): readonly Partial<RebuildAttempt>[] {
  try {
    const value = JSON.parse(text) as {
      attempts?: RebuildAttempt[];
      attempt?: RebuildAttempt;
    } & Partial<RebuildAttempt>;
    return value.attempts ?? [value.attempt ?? value];
  } catch {
    return [];
  }
}

function held(sha256: string | null | undefined, use: HeldBlob['use'], certain = true): readonly HeldBlob[] {
  return sha256 === null || sha256 === undefined ? [] : [{ sha256, use, certain }];
}
