import type { Queries } from '../database.ts';
import type { BuildInput, ListedFile } from '../packages/types.ts';
import type { Status } from '../page.ts';
import { withoutNulls } from '../without-nulls.ts';

/** A build input with its files, each once, as the newest listing has them. */
export async function inputOf(db: Queries, id: number): Promise<BuildInput> {
  const row = await db.selectFrom('build_input').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const listings = await db
    .selectFrom('binary_package')
    .select(['name', 'version', 'architecture', 'component', 'url', 'file_name as fileName', 'sha256', 'size'])
    .where('build_input_id', '=', id)
    .orderBy('seen', 'desc')
    .orderBy('id', 'desc')
    .execute();
  const files = new Map<string, ListedFile>();
  for (const file of listings) {
    const key = JSON.stringify([file.name, file.version, file.architecture]);
    if (!files.has(key)) files.set(key, withoutNulls(file));
  }
  return {
    id,
    distribution: row.distribution,
    source: row.source,
    version: row.version,
    architecture: row.architecture,
    ...(row.release === '' ? {} : { release: row.release }),
    ...withoutNulls({
      url: row.url,
      status: row.status as Status | null,
      verdict: row.verdict,
      reason: row.reason,
      resultId: row.result_id,
      decidedAt: row.decided_at,
    }),
    files: [...files.values()].sort((left, right) => (left.fileName < right.fileName ? -1 : 1)),
  };
}
