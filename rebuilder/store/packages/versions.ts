import type { Queries } from '../database.ts';
import type { OriginFilter, Status } from '../page.ts';
import { given, releaseOf } from './rows.ts';
import type { BuiltVersion } from './types.ts';

/** Most rows of one answer: versions times architectures. */
const MOST = 5_000;

/** PackageStore.versions: what is built of these source packages, by the releases that list or listed it. */
export async function readVersions(
  db: Queries,
  filter: OriginFilter & { readonly names: readonly string[] },
): Promise<readonly BuiltVersion[]> {
  const { distribution, release, architecture, names } = filter;
  if (names.length === 0) return [];
  let query = db
    .selectFrom('source_package as source')
    .innerJoin('binary_package as binary', 'binary.source_package_id', 'source.id')
    .innerJoin('build_input as input', 'input.id', 'binary.build_input_id')
    .select([
      'source.id as sourcePackageId',
      'source.distribution',
      'source.release',
      'source.component',
      'source.maintainer',
      'source.name',
      'source.version',
      'source.seen',
      'input.id as buildInputId',
      'input.architecture',
      'input.status',
      'input.verdict',
      'input.reason',
      'input.result_id as resultId',
      'input.decided_at as decidedAt',
    ])
    .distinct()
    .where('source.name', 'in', names)
    .orderBy('source.id', 'desc')
    .orderBy('input.id', 'desc')
    .limit(MOST);
  if (distribution !== undefined) query = query.where('source.distribution', '=', distribution);
  if (release !== undefined) query = query.where('source.release', '=', release ?? '');
  if (architecture !== undefined) query = query.where('input.architecture', '=', architecture);
  return (await query.execute()).map((row) => ({
    sourcePackageId: row.sourcePackageId,
    distribution: row.distribution,
    ...releaseOf(row.release),
    ...given('component', row.component),
    ...given('maintainer', row.maintainer),
    name: row.name,
    version: row.version,
    seen: row.seen === 1,
    buildInputId: row.buildInputId,
    architecture: row.architecture,
    ...given('status', row.status as Status | null),
    ...given('verdict', row.verdict),
    ...given('reason', row.reason),
    ...given('resultId', row.resultId),
    ...given('decidedAt', row.decidedAt),
  }));
}
