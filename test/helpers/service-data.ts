import type { Insertable } from 'kysely';
import type { Database, Queries } from '../../rebuilder/store/database.ts';
import type { BinaryPackageTable, BuildInputTable, SourcePackageTable } from '../../rebuilder/store/packages/tables.ts';
import type { ResultArtifactTable, ResultTable } from '../../rebuilder/store/results/tables.ts';

/** A digest made of one character: `digestOf('a')` is 64 times a. */
export function digestOf(character: string): string {
  return character.repeat(64);
}

const SEEN_AT = '2026-01-02T03:04:05.678Z';

/** Writes rows of made-up packages and results, each with defaults for what is not given. They give the new row's id. */
export type ServiceRows = {
  readonly source: (row: Partial<Insertable<SourcePackageTable>>) => Promise<number>;
  readonly input: (row: Partial<Insertable<BuildInputTable>>) => Promise<number>;
  readonly binary: (row: Partial<Insertable<BinaryPackageTable>>) => Promise<number>;
  readonly result: (row: Partial<Insertable<ResultTable>>) => Promise<number>;
  readonly artifact: (row: Partial<Insertable<ResultArtifactTable>>) => Promise<number>;
};

/** Writers of single rows into an open database. */
export function serviceRows(database: Database): ServiceRows {
  const write = (work: (db: Queries) => Promise<{ readonly id: number }>) =>
    database.write('making test data', async (db) => (await work(db)).id);
  let made = 0;
  return {
    source: (row) =>
      write((db) => db.insertInto('source_package').values(sourceRow(row)).returning('id').executeTakeFirstOrThrow()),
    input: (row) =>
      write((db) =>
        db
          .insertInto('build_input')
          .values(inputRow({ key: `key ${++made}`, ...row }))
          .returning('id')
          .executeTakeFirstOrThrow(),
      ),
    binary: (row) =>
      write((db) => db.insertInto('binary_package').values(binaryRow(row)).returning('id').executeTakeFirstOrThrow()),
    result: (row) =>
      write((db) => db.insertInto('result').values(resultRow(row)).returning('id').executeTakeFirstOrThrow()),
    artifact: (row) =>
      write((db) =>
        db.insertInto('result_artifact').values(artifactRow(row)).returning('id').executeTakeFirstOrThrow(),
      ),
  };
}

/** A source package's row: hello 2.10-5 of trixie where nothing else is said. */
export function sourceRow(row: Partial<Insertable<SourcePackageTable>>): Insertable<SourcePackageTable> {
  return {
    distribution: 'debian',
    release: 'trixie',
    component: 'main',
    name: 'hello',
    version: '2.10-5',
    maintainer: null,
    first_seen_at: SEEN_AT,
    last_seen_at: SEEN_AT,
    seen: 1,
    ...row,
  };
}

/** A build input's row, without any result. */
export function inputRow(row: Partial<Insertable<BuildInputTable>>): Insertable<BuildInputTable> {
  return {
    key: 'key',
    distribution: 'debian',
    source: 'hello',
    version: '2.10-5',
    architecture: 'amd64',
    release: 'trixie',
    url: null,
    added_at: SEEN_AT,
    status: null,
    verdict: null,
    reason: null,
    result_id: null,
    decided_at: null,
    build_failures: 0,
    our_failures: 0,
    differing: 0,
    wall_seconds: null,
    memory_bytes: null,
    disk_bytes: null,
    ...row,
  };
}

/** A binary package's row: hello of amd64. */
export function binaryRow(row: Partial<Insertable<BinaryPackageTable>>): Insertable<BinaryPackageTable> {
  const { name = 'hello', version = '2.10-5', architecture = 'amd64' } = row;
  const fileName = `${name}_${version}_${architecture}.deb`;
  return {
    source_package_id: 1,
    build_input_id: 1,
    name,
    version,
    architecture,
    component: 'main',
    url: `https://deb.example.org/debian/pool/${fileName}`,
    file_name: fileName,
    sha256: null,
    size: null,
    first_seen_at: SEEN_AT,
    last_seen_at: SEEN_AT,
    seen: 1,
    status: null,
    artifact_id: null,
    result_id: null,
    ...row,
  };
}

/** A result's row: a reproducible build of ours. */
export function resultRow(row: Partial<Insertable<ResultTable>>): Insertable<ResultTable> {
  return {
    build_input_id: 1,
    job_id: null,
    lease: null,
    origin: 'ours',
    rebuild_id: null,
    worker_id: null,
    started_at: '2026-01-03T00:00:00.000Z',
    built_at: '2026-01-03T00:01:00.000Z',
    status: 'GOOD',
    verdict: 'reproducible',
    reason: null,
    detail: null,
    decides: 1,
    change: 'first',
    exit_status: 0,
    retries: 0,
    wall_seconds: 60,
    memory_bytes: null,
    disk_bytes: null,
    log_sha256: null,
    log_bytes: null,
    log_truncated: 0,
    record_sha256: null,
    ...row,
  };
}

/** An artifact's row: hello, identical. */
export function artifactRow(row: Partial<Insertable<ResultArtifactTable>>): Insertable<ResultArtifactTable> {
  const { name = 'hello', version = '2.10-5', architecture = 'amd64' } = row;
  return {
    result_id: 1,
    name,
    version,
    architecture,
    file_name: `${name}_${version}_${architecture}.deb`,
    verdict: 'identical',
    status: 'GOOD',
    published_sha256: null,
    published_bytes: null,
    rebuilt_sha256: null,
    rebuilt_bytes: null,
    difference_sha256: null,
    report_sha256: null,
    attestation_sha256: null,
    checked_here: 0,
    ...row,
  };
}
