import type { Database } from '../../rebuilder/store/database.ts';

/** A build input as tests put it into a store: what is not given is that of a small package of Debian trixie. */
export type SeededInput = {
  readonly source?: string;
  readonly version?: string;
  readonly distribution?: string;
  readonly release?: string;
  readonly architecture?: string;
  readonly component?: string;
  /** Names of its binary packages; the source's own when not given. */
  readonly binaries?: readonly string[];
  /** Whether a profile lists it now. */
  readonly seen?: boolean;
  /** Releases that list it too. */
  readonly alsoIn?: readonly string[];
  readonly status?: string;
  readonly decidedAt?: string;
  readonly memoryBytes?: number;
  readonly diskBytes?: number;
};

const AT = '2026-01-01T00:00:00.000Z';

/** Digest of a seeded file's published bytes. */
export function seededSha256(fileName: string): string {
  return Buffer.from(fileName).toString('hex').padEnd(64, '0').slice(0, 64);
}

/** Writes an input with its source and binary packages as an import would, and gives its id. */
export async function seedInput(database: Database, input: SeededInput = {}): Promise<number> {
  const { source = 'hello', version = '2.10-3', distribution = 'debian', release = 'trixie' } = input;
  const { architecture = 'amd64', component = 'main', binaries = [source], seen = true } = input;
  return database.write('seeding an input', async (db) => {
    const { id } = await db
      .insertInto('build_input')
      .values({
        key: JSON.stringify([distribution, release, source, version, architecture]),
        distribution,
        source,
        version,
        architecture,
        release,
        component,
        url: null,
        added_at: AT,
        status: input.status ?? null,
        verdict: null,
        reason: null,
        result_id: null,
        decided_at: input.decidedAt ?? null,
        build_failures: 0,
        our_failures: 0,
        differing: 0,
        wall_seconds: null,
        memory_bytes: input.memoryBytes ?? null,
        disk_bytes: input.diskBytes ?? null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    for (const suite of [release, ...(input.alsoIn ?? [])]) {
      const listing = { distribution, release: suite, component, name: source, version };
      const times = { first_seen_at: AT, last_seen_at: AT, seen: seen ? 1 : 0 };
      await db
        .insertInto('source_package')
        .values({ ...listing, maintainer: null, ...times })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const listed = await db
        .selectFrom('source_package')
        .select('id')
        .where('name', '=', source)
        .where('version', '=', version)
        .where('distribution', '=', distribution)
        .where('release', '=', suite)
        .executeTakeFirstOrThrow();
      for (const name of binaries) {
        const fileName = `${name}_${version}_${architecture}.deb`;
        await db
          .insertInto('binary_package')
          .values({
            source_package_id: listed.id,
            build_input_id: id,
            name,
            version,
            architecture,
            component,
            url: `https://deb.example.org/debian/pool/${fileName}`,
            file_name: fileName,
            sha256: seededSha256(fileName),
            size: 1000,
            ...times,
            status: null,
            artifact_id: null,
            result_id: null,
          })
          .execute();
      }
    }
    return id;
  });
}
