import type { Database } from '../database.ts';
import type { ListedSource } from './types.ts';

type Where = {
  readonly distribution: string;
  readonly release: string;
  readonly names: readonly string[];
  readonly profile: number;
};

type Candidate = {
  readonly id: number;
  readonly sourceKey: string;
  readonly sourceVersion: string;
  readonly binaryKey: string;
};

/**
 * What a partial list takes the place of: another version of a binary package it names, and what was built from another
 * version of a source it names for the same architecture.
 */
export class Supersession {
  readonly #candidates = new Map<number, Candidate>();
  readonly #versions = new Map<string, Set<string>>();
  readonly #binaries = new Set<string>();

  /** Takes one release's part of the list, and reads what the profile lists of the same names. */
  async take(database: Database, where: Where, listed: readonly ListedSource[]): Promise<void> {
    const { release } = where;
    for (const source of listed) {
      const key = `${release}\0${source.name}\0${source.architecture}`;
      this.#versions.set(key, (this.#versions.get(key) ?? new Set()).add(source.version));
      for (const file of source.files) this.#binaries.add(`${release}\0${file.name}\0${file.architecture}`);
    }
    const binaries = [...new Set(listed.flatMap((source) => source.files.map((file) => file.name)))];
    for (const [column, names] of [
      ['source.name', where.names],
      ['binary.name', binaries],
    ] as const)
      for (let at = 0; at < names.length; at += 500)
        await this.#read(database, where, { column, names: names.slice(at, at + 500) });
  }

  /** Ids of the binary packages that newer ones took the place of; some of them may have been listed all the same. */
  superseded(): readonly number[] {
    return [...this.#candidates.values()]
      .filter(({ sourceKey, sourceVersion, binaryKey }) => {
        const versions = this.#versions.get(sourceKey);
        return this.#binaries.has(binaryKey) || (versions !== undefined && !versions.has(sourceVersion));
      })
      .map(({ id }) => id);
  }

  async #read(
    database: Database,
    { distribution, release, profile }: Where,
    { column, names }: { column: 'source.name' | 'binary.name'; names: readonly string[] },
  ): Promise<void> {
    const rows = await database.read('reading what a list takes the place of', (db) =>
      db
        .selectFrom('binary_package as binary')
        .innerJoin('source_package as source', 'source.id', 'binary.source_package_id')
        .innerJoin('build_input as input', 'input.id', 'binary.build_input_id')
        .select([
          'binary.id',
          'binary.name',
          'binary.architecture',
          'source.name as source',
          'source.version as sourceVersion',
          'input.architecture as builtOn',
        ])
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom('publication')
              .select('publication.profile_id')
              .where('publication.profile_id', '=', profile)
              .whereRef('publication.binary_package_id', '=', 'binary.id'),
          ),
        )
        .where('source.distribution', '=', distribution)
        .where('source.release', '=', release)
        .where(column, 'in', names)
        .execute(),
    );
    for (const row of rows)
      this.#candidates.set(row.id, {
        id: row.id,
        sourceKey: `${release}\0${row.source}\0${row.builtOn}`,
        sourceVersion: row.sourceVersion,
        binaryKey: `${release}\0${row.name}\0${row.architecture}`,
      });
  }
}
