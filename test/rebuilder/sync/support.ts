import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { sha256Of } from '../../../model/index.ts';
import type { Database } from '../../../rebuilder/store/database.ts';
import { STORE_FILE } from '../../../rebuilder/store/index.ts';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import type { SyncProfile } from '../../../rebuilder/sync/index.ts';

/** A profile of sid's main for amd64 and all. */
export function profileOf(changes: Partial<SyncProfile> = {}): SyncProfile {
  return {
    name: 'sid',
    distribution: 'debian',
    suites: ['sid'],
    architectures: ['amd64', 'all'],
    components: ['main'],
    installer: false,
    debug: false,
    include: [],
    exclude: [],
    delaySeconds: 0,
    allowExpired: false,
    ...changes,
  };
}

/** A Packages index of NAME_VERSION_ARCHITECTURE, each built from SOURCE_VERSION where one is given. */
export function packagesIndex(files: readonly (readonly [file: string, from?: string])[], suffix = 'deb'): string {
  return files
    .map(([file, from]) => {
      const [name = '', version = '', architecture = ''] = file.split('_');
      const [source, sourceVersion] = from?.split('_') ?? [];
      const plain = version.replace(/^\d+:/, '');
      return [
        `Package: ${name}`,
        ...(source === undefined ? [] : [`Source: ${source}${sourceVersion === version ? '' : ` (${sourceVersion})`}`]),
        `Version: ${version}`,
        'Maintainer: Ann <ann@example.org>',
        `Architecture: ${architecture}`,
        `Filename: pool/main/${name}_${plain}_${architecture}.${suffix}`,
        'Size: 7',
        `SHA256: ${sha256Of(`${file}.${suffix}`)}`,
        '',
      ].join('\n');
    })
    .join('\n');
}

/** The store of a data folder, for looking into. */
export async function openData(folder: string): Promise<Database> {
  const database = await openSqlite(join(folder, STORE_FILE));
  onTestFinished(() => database.close());
  return database;
}

/** What is listed now: RELEASE SOURCE VERSION BUILT-ON: the files by name. */
export async function listedNow(database: Database): Promise<readonly string[]> {
  const rows = await database.read('a test', (db) =>
    db
      .selectFrom('binary_package as b')
      .innerJoin('source_package as s', 's.id', 'b.source_package_id')
      .innerJoin('build_input as i', 'i.id', 'b.build_input_id')
      .select([
        's.release',
        'i.source',
        'i.version',
        'i.architecture',
        'b.file_name as file',
        'b.build_input_id as input',
      ])
      .where('b.seen', '=', 1)
      .execute(),
  );
  const groups = Map.groupBy(
    rows,
    (row) => `${row.release} ${row.source} ${row.version} ${row.architecture} ${row.input}`,
  );
  return [...groups]
    .map(
      ([key, files]) =>
        `${key.replace(/ \d+$/, '')}: ${files
          .map(({ file }) => file)
          .sort()
          .join(' ')}`,
    )
    .sort();
}

/** The sources that are queued. */
export async function queuedNow(database: Database): Promise<readonly string[]> {
  const rows = await database.read('a test', (db) =>
    db
      .selectFrom('job')
      .innerJoin('build_input as i', 'i.id', 'job.build_input_id')
      .select(['i.source', 'i.version'])
      .execute(),
  );
  return rows.map((row) => `${row.source} ${row.version}`).sort();
}
