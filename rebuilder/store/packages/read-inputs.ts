import type { Queries } from '../database.ts';
import { idAmong } from '../list-page.ts';
import type { Status } from '../page.ts';
import { given, listedFile, releaseOf } from './rows.ts';
import type { BuildInput, ListedFile } from './types.ts';

/** Build inputs of these ids with their files; those that are not there are left out. */
export async function readInputs(db: Queries, ids: readonly number[]): Promise<ReadonlyMap<number, BuildInput>> {
  const inputs = new Map<number, BuildInput>();
  if (ids.length === 0) return inputs;
  const files = await filesOf(db, ids);
  const rows = await db
    .selectFrom('build_input')
    .select(['id', 'distribution', 'source', 'version', 'architecture', 'release', 'url', 'status'])
    .select(['verdict', 'reason', 'result_id', 'decided_at'])
    .where(idAmong(db, 'id', ids))
    .execute();
  for (const row of rows)
    inputs.set(row.id, {
      id: row.id,
      distribution: row.distribution,
      source: row.source,
      version: row.version,
      architecture: row.architecture,
      ...releaseOf(row.release),
      ...given('url', row.url),
      ...given('status', row.status as Status | null),
      ...given('verdict', row.verdict),
      ...given('reason', row.reason),
      ...given('resultId', row.result_id),
      ...given('decidedAt', row.decided_at),
      files: [...(files.get(row.id)?.values() ?? [])],
    });
  return inputs;
}

/** The same file in several suites is listed once, as it was seen last. */
async function filesOf(
  db: Queries,
  inputs: readonly number[],
): Promise<ReadonlyMap<number, ReadonlyMap<string, ListedFile>>> {
  const rows = await db
    .selectFrom('binary_package')
    .select(['build_input_id', 'name', 'version', 'architecture', 'component', 'url', 'file_name', 'sha256', 'size'])
    .where(idAmong(db, 'build_input_id', inputs))
    .orderBy('build_input_id')
    .orderBy('name')
    .orderBy('architecture')
    .orderBy('id')
    .execute();
  const files = new Map<number, Map<string, ListedFile>>();
  for (const row of rows) {
    const ofInput = files.get(row.build_input_id) ?? new Map<string, ListedFile>();
    files.set(row.build_input_id, ofInput);
    ofInput.set(JSON.stringify([row.name, row.version, row.architecture]), listedFile(row));
  }
  return files;
}
