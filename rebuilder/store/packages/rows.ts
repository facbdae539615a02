import type { Sha256 } from '../../../model/index.ts';
import type { Queries } from '../database.ts';
import { idAmong } from '../list-page.ts';
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
      'binary_package.shown',
    ]);
}

type BinaryRow = Awaited<ReturnType<ReturnType<typeof binaryRows>['execute']>>[number];

/** What a binary package's row repeats of its deciding result and artifact: written by the database (shown-results.ts). */
type ShownResult = {
  readonly builtAt: string;
  readonly verdict: string;
  readonly reason: string | null;
  readonly workerId: number | null;
  readonly exitStatus: number | null;
  readonly wallSeconds: number | null;
  readonly rebuiltSha256: Sha256 | null;
  readonly report: 0 | 1;
  readonly attestation: 0 | 1;
  readonly checkedHere: 0 | 1;
};

type Draft<Value> = { -readonly [Key in keyof Value]: Value[Key] };

function show(one: Draft<BinaryPackage>, shown: ShownResult): void {
  one.builtAt = shown.builtAt;
  one.verdict = shown.verdict;
  if (shown.reason !== null) one.reason = shown.reason;
  if (shown.workerId !== null) one.workerId = shown.workerId;
  if (shown.exitStatus !== null) one.exitStatus = shown.exitStatus;
  if (shown.wallSeconds !== null) one.wallSeconds = shown.wallSeconds;
  if (shown.rebuiltSha256 !== null) one.rebuiltSha256 = shown.rebuiltSha256;
  one.hasReport = shown.report === 1;
  one.hasAttestation = shown.attestation === 1;
  one.checkedHere = shown.checkedHere === 1;
}

/** A binary package of its row. Lists have a thousand of them: what is absent is left out by asking, which spreads cost thrice. */
export function binaryPackage(row: BinaryRow): BinaryPackage {
  const one: Draft<BinaryPackage> = {
    id: row.id,
    sourcePackageId: row.source_package_id,
    buildInputId: row.build_input_id,
    source: row.source,
    sourceVersion: row.source_version,
    distribution: row.distribution,
    name: row.name,
    version: row.version,
    architecture: row.architecture,
    url: row.url,
    fileName: row.file_name,
    lastSeenAt: row.last_seen_at,
    seen: row.seen === 1,
    hasReport: false,
    hasAttestation: false,
    checkedHere: false,
  };
  if (row.release !== '') one.release = row.release;
  if (row.component !== null) one.component = row.component;
  if (row.sha256 !== null) one.sha256 = row.sha256 as Sha256;
  if (row.size !== null) one.size = row.size;
  if (row.status !== null) one.status = row.status as Status;
  if (row.result_id !== null) one.resultId = row.result_id;
  if (row.artifact_id !== null) one.artifactId = row.artifact_id;
  if (row.shown !== null) show(one, JSON.parse(row.shown) as ShownResult);
  return one;
}

/** Source packages of these ids, each with the worst status of its binaries. */
export async function sourcePackages(db: Queries, ids: readonly number[]): Promise<readonly SourcePackage[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('source_package')
    .selectAll()
    .where(idAmong(db, 'id', ids))
    .execute();
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
