import type { Sha256 } from '../../../model/index.ts';
import type { Queries } from '../database.ts';
import type { Status } from '../page.ts';
import type { BinaryPackage, ListedFile, SourcePackage } from './types.ts';

/** A field that is left out where the database has nothing. */
export function given<Key extends string, Value>(key: Key, value: Value | null): Partial<Record<Key, Value>> {
  return value === null ? {} : ({ [key]: value } as Record<Key, Value>);
}

/** A release as callers know it: none where the distribution has none. */
export function releaseOf(release: string): { readonly release?: string } {
  return release === '' ? {} : { release };
}

type FileRow = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly component: string | null;
  readonly url: string;
  readonly file_name: string;
  readonly sha256: string | null;
  readonly size: number | null;
};

/** A listed file of its row. */
export function listedFile(row: FileRow): ListedFile {
  return {
    name: row.name,
    version: row.version,
    architecture: row.architecture,
    ...given('component', row.component),
    url: row.url,
    fileName: row.file_name,
    ...given('sha256', row.sha256 as Sha256 | null),
    ...given('size', row.size),
  };
}

/** Binary packages with what lists show of their source, their deciding result and its artifact. */
export function binaryRows(db: Queries) {
  return db
    .selectFrom('binary_package')
    .innerJoin('source_package', 'source_package.id', 'binary_package.source_package_id')
    .leftJoin('result', 'result.id', 'binary_package.result_id')
    .leftJoin('result_artifact', 'result_artifact.id', 'binary_package.artifact_id')
    .select([
      'binary_package.id',
      'binary_package.source_package_id',
      'binary_package.build_input_id',
      'binary_package.source',
      'source_package.version as source_version',
      'binary_package.distribution',
      'binary_package.release',
      'binary_package.name',
      'binary_package.version',
      'binary_package.architecture',
      'binary_package.component',
      'binary_package.url',
      'binary_package.file_name',
      'binary_package.sha256',
      'binary_package.size',
      'binary_package.last_seen_at',
      'binary_package.seen',
      'binary_package.status',
      'binary_package.result_id',
      'binary_package.artifact_id',
      'result.built_at',
      'result.verdict',
      'result.reason',
      'result.worker_id',
      'result.exit_status',
      'result.wall_seconds',
      'result_artifact.rebuilt_sha256',
      'result_artifact.report_sha256',
      'result_artifact.attestation_sha256',
      'result_artifact.checked_here',
    ]);
}

type BinaryRow = Awaited<ReturnType<ReturnType<typeof binaryRows>['execute']>>[number];

/** A binary package of its row. */
export function binaryPackage(row: BinaryRow): BinaryPackage {
  return {
    id: row.id,
    sourcePackageId: row.source_package_id,
    buildInputId: row.build_input_id,
    source: row.source,
    sourceVersion: row.source_version,
    distribution: row.distribution,
    ...releaseOf(row.release),
    ...listedFile(row),
    lastSeenAt: row.last_seen_at,
    seen: row.seen === 1,
    ...given('status', row.status as Status | null),
    ...given('resultId', row.result_id),
    ...given('artifactId', row.artifact_id),
    ...given('builtAt', row.built_at),
    ...given('verdict', row.verdict),
    ...given('reason', row.reason),
    ...given('workerId', row.worker_id),
    ...given('exitStatus', row.exit_status),
    ...given('wallSeconds', row.wall_seconds),
    ...given('rebuiltSha256', row.rebuilt_sha256 as Sha256 | null),
    hasReport: row.report_sha256 !== null,
    hasAttestation: row.attestation_sha256 !== null,
    checkedHere: row.checked_here === 1,
  };
}

/** Source packages of these ids, each with the worst status of its binaries. */
export async function sourcePackages(db: Queries, ids: readonly number[]): Promise<readonly SourcePackage[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom('source_package').selectAll().where('id', 'in', ids).execute();
  return rows.map((row) => ({
    id: row.id,
    distribution: row.distribution,
    ...releaseOf(row.release),
    ...given('component', row.component),
    name: row.name,
    version: row.version,
    ...given('maintainer', row.maintainer),
    lastSeenAt: row.last_seen_at,
    seen: row.seen === 1,
    ...given('status', row.status as Status | null),
    ...given('resultId', row.result_id),
  }));
}
