/**
 * Puts what service-http.ts made in FOLDER into a database that rebuilderd (0.28) made and that nothing else has open: the
 * same packages, rebuilds and artifacts, to ask both for the same lists. What was in that database is lost.
 * Run: node bench/as-rebuilderd.ts FOLDER REBUILDERD.DB
 */
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { STORE_FILE } from '../rebuilder/store/index.ts';

const [folder, target] = process.argv.slice(2);
if (folder === undefined || target === undefined)
  throw new Error('usage: node bench/as-rebuilderd.ts FOLDER REBUILDERD.DB');
const ours = new Sqlite(join(folder, STORE_FILE), { readonly: true, fileMustExist: true });
const theirs = new Sqlite(target, { fileMustExist: true });
theirs.pragma('foreign_keys = off');

/** A time as Diesel writes it: without its zone, which is UTC. */
const TIME = (column: string): string => `replace(substr(${column}, 1, 19), 'T', ' ')`;
/** Of each table of theirs, in which order its columns are read from ours. */
const TABLES: Readonly<Record<string, { readonly columns: string; readonly from: string }>> = {
  source_packages: {
    columns: 'id, name, version, distribution, "release", last_seen, seen_in_last_sync',
    from: `select id, name, version, distribution, nullif(release, ''), ${TIME('last_seen_at')}, seen from source_package`,
  },
  build_inputs: {
    columns: 'id, source_package_id, url, backend, architecture, retries',
    from: `select input.id, coalesce(min(binary.source_package_id), 1),
      coalesce(input.url, 'https://deb.example.org/' || input.id || '.buildinfo'), 'debian', input.architecture, 0
      from build_input as input left join binary_package as binary on binary.build_input_id = input.id group by input.id`,
  },
  binary_packages: {
    columns: 'id, source_package_id, build_input_id, name, version, component, architecture, artifact_url',
    from: `select id, source_package_id, build_input_id, name, version, component, architecture, url from binary_package`,
  },
  rebuilds: {
    columns: 'id, build_input_id, started_at, built_at, status, build_log_id',
    from: `select id, build_input_id, ${TIME('started_at')}, ${TIME('built_at')}, status, 1 from result order by id`,
  },
  // Theirs has no state for what could not be built.
  rebuild_artifacts: {
    columns: 'rebuild_id, name, status',
    from: `select result.id, binary.name, case when result.status in ('GOOD', 'BAD') then result.status else 'UNKWN' end
      from result join binary_package as binary on binary.build_input_id = result.build_input_id order by result.id`,
  },
};

theirs.transaction(() => {
  for (const table of ['queue', 'build_logs', ...Object.keys(TABLES)]) theirs.exec(`delete from ${table}`);
  theirs.exec(`insert into build_logs (id, build_log) values (1, x'00')`);
  for (const [table, { columns, from }] of Object.entries(TABLES)) {
    const places = columns.split(',').map(() => '?');
    const insert = theirs.prepare(`insert into ${table} (${columns}) values (${places.join(', ')})`);
    let rows = 0;
    for (const row of ours.prepare(from).raw().iterate() as IterableIterator<unknown[]>) {
      insert.run(row);
      rows += 1;
    }
    console.log(`${table}: ${rows}`);
  }
})();
theirs.exec('analyze');
theirs.close();
ours.close();
