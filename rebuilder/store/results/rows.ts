import type { Selectable } from 'kysely';
import type { Sha256 } from '../../../model/index.ts';
import type { Status } from '../page.ts';
import type { ResultArtifactTable, ResultTable } from './tables.ts';
import type { Result, ResultArtifact, ResultEntry, StoredArtifact } from './types.ts';

function given<Key extends string, Value>(key: Key, value: Value | null): Partial<Record<Key, Value>> {
  return value === null ? {} : ({ [key]: value } as Record<Key, Value>);
}

type Draft<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** A result of its row. Lists have a thousand: what is absent is left out by asking, which spreads cost thrice. */
export function resultOf(row: Selectable<ResultTable>): Result {
  const one: Draft<Result> = {
    id: row.id,
    buildInputId: row.build_input_id,
    source: row.source,
    version: row.version,
    distribution: row.distribution,
    architecture: row.architecture,
    origin: row.origin as ResultEntry['origin'],
    startedAt: row.started_at,
    builtAt: row.built_at,
    status: row.status as Status,
    verdict: row.verdict,
    decides: row.decides === 1,
    retries: row.retries,
  };
  if (row.release !== '') one.release = row.release;
  if (row.rebuild_id !== null) one.rebuildId = row.rebuild_id;
  if (row.worker_id !== null) one.workerId = row.worker_id;
  if (row.reason !== null) one.reason = row.reason;
  if (row.detail !== null) one.detail = row.detail;
  if (row.change !== null) one.change = row.change as NonNullable<Result['change']>;
  if (row.exit_status !== null) one.exitStatus = row.exit_status;
  if (row.wall_seconds !== null) one.wallSeconds = row.wall_seconds;
  if (row.memory_bytes !== null) one.memoryBytes = row.memory_bytes;
  if (row.disk_bytes !== null) one.diskBytes = row.disk_bytes;
  const { log_sha256: log, log_bytes: bytes, log_truncated: truncated } = row;
  if (log !== null) one.log = { sha256: log as Sha256, bytes: bytes ?? 0, truncated: truncated === 1 };
  if (row.record_sha256 !== null) one.record = row.record_sha256 as Sha256;
  return one;
}

/** An artifact of its row. */
export function artifactOf(row: Selectable<ResultArtifactTable>): StoredArtifact {
  return {
    id: row.id,
    resultId: row.result_id,
    name: row.name,
    ...given('version', row.version),
    ...given('architecture', row.architecture),
    fileName: row.file_name,
    verdict: row.verdict as ResultArtifact['verdict'],
    status: row.status as ResultArtifact['status'],
    ...given('published', side(row.published_sha256, row.published_bytes)),
    ...given('rebuilt', side(row.rebuilt_sha256, row.rebuilt_bytes)),
    ...given('difference', row.difference_sha256 as Sha256 | null),
    ...given('report', row.report_sha256 as Sha256 | null),
    ...given('attestation', row.attestation_sha256 as Sha256 | null),
    checkedHere: row.checked_here === 1,
  };
}

function side(sha256: string | null, size: number | null): { sha256: Sha256; size: number } | null {
  return sha256 === null ? null : { sha256: sha256 as Sha256, size: size ?? 0 };
}
