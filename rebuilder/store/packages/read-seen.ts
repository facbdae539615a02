import type { Queries } from '../database.ts';

export type SeenFile = {
  readonly id: number;
  /** Whether the profile that is asked for lists it. */
  readonly published: boolean;
  readonly url: string;
  readonly fileName: string;
  readonly component: string | null;
  readonly size: number | null;
};

/** `files` by KEY/NAME/VERSION/ARCHITECTURE, the key being that of their input. */
export type SeenSource = {
  readonly id: number;
  readonly component: string | null;
  readonly maintainer: string | null;
  readonly files: Map<string, SeenFile>;
};

/** What any profile lists of these source packages, by NAME, a zero and VERSION. */
export async function readSeen(
  db: Queries,
  where: {
    readonly distribution: string;
    readonly release: string;
    readonly names: readonly string[];
    readonly profile: number | undefined;
  },
): Promise<ReadonlyMap<string, SeenSource>> {
  const sources = await db
    .selectFrom('source_package')
    .select(['id', 'name', 'version', 'component', 'maintainer'])
    .where('name', 'in', where.names)
    .where('distribution', '=', where.distribution)
    .where('release', '=', where.release)
    .where('seen', '=', 1)
    .execute();
  const seen = new Map<string, SeenSource>();
  const byId = new Map<number, SeenSource>();
  for (const { name, version, ...row } of sources) {
    const source = { ...row, files: new Map() };
    seen.set(`${name}\0${version}`, source);
    byId.set(row.id, source);
  }
  if (byId.size === 0) return seen;
  const files = await db
    .selectFrom('binary_package as binary')
    .innerJoin('build_input as input', 'input.id', 'binary.build_input_id')
    .leftJoin('publication', (join) =>
      join
        .onRef('publication.binary_package_id', '=', 'binary.id')
        .on('publication.profile_id', '=', where.profile ?? 0),
    )
    .select([
      'binary.id',
      'binary.source_package_id as source',
      'input.key',
      'binary.name',
      'binary.version',
      'binary.architecture',
      'binary.url',
      'binary.file_name as fileName',
      'binary.component',
      'binary.size',
      'binary.seen',
      'publication.profile_id as profile',
    ])
    .where('binary.source_package_id', 'in', [...byId.keys()])
    .execute();
  for (const row of files) {
    // Asked of the database, it would read all that is seen, by an index that begins with it, for each batch of names.
    if (row.seen === 0) continue;
    const { id, source, key, name, version, architecture, url, fileName, component, size, profile } = row;
    const file = { id, published: profile !== null, url, fileName, component, size };
    byId.get(source)?.files.set(`${key}/${name}/${version}/${architecture}`, file);
  }
  return seen;
}
