import type { Selectable } from 'kysely';
import type { Sha256 } from '../../../model/index.ts';
import type { Status } from '../page.ts';
import type { ResultArtifactTable, ResultTable } from './tables.ts';
import type { Result, ResultArtifact, ResultEntry, StoredArtifact } from './types.ts';

function given<Key extends string, Value>(key: Key, value: Value | null): Partial<Record<Key, Value>> {
  return value === null ? {} : ({ [key]: value } as Record<Key, Value>);
}

/** A result of its row. */
export function resultOf(row: Selectable<ResultTable>): Result {
  return {
    id: row.id,
    buildInputId: row.build_input_id,
    source: row.source,
    version: row.version,
    distribution: row.distribution,
    ...(row.release === '' ? {} : { release: row.release }),
    architecture: row.architecture,
    origin: row.origin as ResultEntry['origin'],
    ...given('rebuildId', row.rebuild_id),
    ...given('workerId', row.worker_id),
    startedAt: row.started_at,
    builtAt: row.built_at,
    status: row.status as Status,
    verdict: row.verdict,
    ...given('reason', row.reason),
    ...given('detail', row.detail),
    decides: row.decides === 1,
    ...given('change', row.change as NonNullable<Result['change']> | null),
    retries: row.retries,
    ...given('exitStatus', row.exit_status),
    ...given('wallSeconds', row.wall_seconds),
    ...given('memoryBytes', row.memory_bytes),
    ...given('diskBytes', row.disk_bytes),
    ...(row.log_sha256 === null
      ? {}
      : {
          log: {
            sha256: row.log_sha256 as Sha256,
            bytes: row.log_bytes ?? 0,
            truncated: row.log_truncated === 1,
          },
        }),
    ...given('record', row.record_sha256 as Sha256 | null),
  };
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
