import type { Queries } from '../database.ts';
import type { Result, ResultArtifact, ResultEntry } from './types.ts';

/** Rows of an insert: 15 columns each, far below what a statement takes. */
const ROWS_AT_ONCE = 500;

export type WrittenArtifact = ResultArtifact & { readonly id: number };

/** What of a result's row its entry does not say. */
export type ResultPlace = {
  readonly build_input_id: number;
  readonly job_id: number | null;
  readonly lease: number | null;
  readonly worker_id: number | null;
  readonly change: Result['change'] | null;
  readonly retries: number;
};

export async function insertResult(db: Queries, entry: ResultEntry, place: ResultPlace): Promise<number> {
  const { id } = await db
    .insertInto('result')
    .values({
      ...place,
      change: place.change ?? null,
      origin: entry.origin,
      rebuild_id: entry.rebuildId ?? null,
      started_at: entry.startedAt,
      built_at: entry.builtAt,
      status: entry.status,
      verdict: entry.verdict,
      reason: entry.reason ?? null,
      detail: entry.detail ?? null,
      decides: entry.decides ? 1 : 0,
      exit_status: entry.exitStatus ?? null,
      wall_seconds: entry.wallSeconds ?? null,
      memory_bytes: entry.memoryBytes ?? null,
      disk_bytes: entry.diskBytes ?? null,
      log_sha256: entry.log?.sha256 ?? null,
      log_bytes: entry.log?.bytes ?? null,
      log_truncated: entry.log?.truncated ? 1 : 0,
      record_sha256: entry.record ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const causes = [...new Set(entry.causes)];
  if (causes.length > 0)
    await db
      .insertInto('result_cause')
      .values(causes.map((cause) => ({ result_id: id, cause })))
      .execute();
  const { testimony } = entry;
  if (testimony !== undefined)
    await db.insertInto('result_testimony').values({ result_id: id, sha256: testimony }).execute();
  return id;
}

export async function insertArtifacts(
  db: Queries,
  resultId: number,
  artifacts: readonly ResultArtifact[],
): Promise<readonly WrittenArtifact[]> {
  const written: WrittenArtifact[] = [];
  for (let start = 0; start < artifacts.length; start += ROWS_AT_ONCE) {
    const some = artifacts.slice(start, start + ROWS_AT_ONCE);
    const rows = await db
      .insertInto('result_artifact')
      .values(some.map((artifact) => rowOf(resultId, artifact)))
      .returning('id')
      .execute();
    // Ids are given in the order of the rows, whatever order they are told in.
    const ids = rows.map(({ id }) => id).sort((left, right) => left - right);
    written.push(...some.map((artifact, index) => ({ ...artifact, id: ids[index] as number })));
  }
  return written;
}

function rowOf(resultId: number, artifact: ResultArtifact) {
  return {
    result_id: resultId,
    name: artifact.name,
    version: artifact.version ?? null,
    architecture: artifact.architecture ?? null,
    file_name: artifact.fileName,
    verdict: artifact.verdict,
    status: artifact.status,
    published_sha256: artifact.published?.sha256 ?? null,
    published_bytes: artifact.published?.size ?? null,
    rebuilt_sha256: artifact.rebuilt?.sha256 ?? null,
    rebuilt_bytes: artifact.rebuilt?.size ?? null,
    difference_sha256: artifact.difference ?? null,
    report_sha256: artifact.report ?? null,
    attestation_sha256: artifact.attestation ?? null,
    checked_here: artifact.checkedHere ? 1 : 0,
  };
}
