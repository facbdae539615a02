import Sqlite from 'better-sqlite3';
import { ReproofError } from '../../model/index.ts';
import { translateError } from './sqlite-errors.ts';

/** A file that rebuilderd's database lists, with what it is built from. Texts as that database has them: not checked. */
export type RebuilderdPackage = {
  readonly inputId: number;
  readonly source: string;
  readonly sourceVersion: string;
  readonly distribution: string;
  readonly release: string | null;
  readonly seen: boolean;
  readonly inputUrl: string;
  readonly inputArchitecture: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly component: string | null;
  readonly url: string;
};

/** A build that it has. Times as "2026-11-29 10:48:42.836867939", UTC; `logId` and the like name its blobs. */
export type RebuilderdBuild = {
  readonly id: number;
  readonly inputId: number;
  readonly startedAt: string | null;
  readonly builtAt: string | null;
  readonly status: string | null;
  readonly logId: number;
};

export type RebuilderdArtifact = {
  readonly name: string;
  readonly status: string | null;
  readonly reportId: number | null;
  readonly attestationId: number | null;
};

/** rebuilderd's database, opened for reading: that of 0.25 and later. */
export interface RebuilderdDatabase {
  /** Ordered by distribution, release and build input, so that what belongs together comes together. */
  packages(): Iterable<RebuilderdPackage>;
  /** How many builds there are. */
  readonly builds: number;
  /** At most `limit` builds after one, oldest first. */
  buildsAfter(id: number, limit: number): readonly RebuilderdBuild[];
  artifacts(buildId: number): readonly RebuilderdArtifact[];
  /** As stored: zstd. */
  log(id: number): Uint8Array | undefined;
  report(id: number): Uint8Array | undefined;
  attestation(id: number): Uint8Array | undefined;
  close(): void;
}

const TABLES = ['source_packages', 'build_inputs', 'binary_packages', 'rebuilds', 'rebuild_artifacts', 'build_logs'];

const PACKAGES = `
  select i.id as inputId, s.name as source, s.version as sourceVersion, s.distribution, s."release", s.seen_in_last_sync as seen,
    i.url as inputUrl, i.architecture as inputArchitecture,
    b.name, b.version, b.architecture, b.component, b.artifact_url as url
  from binary_packages b join build_inputs i on i.id = b.build_input_id join source_packages s on s.id = b.source_package_id
  order by s.distribution, s."release", i.id, b.id`;

const BUILDS = `
  select id, build_input_id as inputId, started_at as startedAt, built_at as builtAt, status, build_log_id as logId
  from rebuilds where id > ? order by id limit ?`;

const ARTIFACTS = `
  select name, status, diffoscope_log_id as reportId, attestation_log_id as attestationId
  from rebuild_artifacts where rebuild_id = ? order by id`;

/**
 * Opens a file of rebuilderd's. Nothing in it is changed; a service that runs on it is not disturbed.
 * Throws STORE_CORRUPT for what is no such file, STORE_VERSION for that of another time, STORE_FAILED.
 */
export function openRebuilderdDatabase(file: string): RebuilderdDatabase {
  const doing = "reading rebuilderd's database";
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw translateError(error, doing, file);
    }
  };
  const handle = guard(() => new Sqlite(file, { readonly: true, fileMustExist: true }));
  try {
    const names = guard(() => handle.prepare("select name from sqlite_schema where type = 'table'").pluck().all());
    const missing = TABLES.filter((table) => !names.includes(table));
    if (missing.length > 0)
      throw new ReproofError(
        'STORE_VERSION',
        `${doing}: ${file} has no table ${missing.join(', ')}; it has to be of rebuilderd 0.25 or later, which brings an older one up to date when it starts`,
        { context: { file } },
      );
    return guard(() => reader(handle, guard));
  } catch (error) {
    handle.close();
    throw error;
  }
}

function reader(handle: Sqlite.Database, guard: <T>(work: () => T) => T): RebuilderdDatabase {
  const packages = handle.prepare<[], Omit<RebuilderdPackage, 'seen'> & { readonly seen: number }>(PACKAGES);
  const builds = handle.prepare<[number, number], RebuilderdBuild>(BUILDS);
  const artifacts = handle.prepare<[number], RebuilderdArtifact>(ARTIFACTS);
  const blob = (table: string, column: string) => {
    const statement = handle.prepare<[number], unknown>(`select ${column} from ${table} where id = ?`).pluck();
    return (id: number): Uint8Array | undefined => {
      const bytes = guard(() => statement.get(id));
      return bytes instanceof Uint8Array ? bytes : undefined;
    };
  };
  return {
    packages: function* () {
      const rows = guard(() => packages.iterate());
      for (;;) {
        const next = guard(() => rows.next());
        if (next.done) return;
        yield { ...next.value, seen: next.value.seen !== 0 };
      }
    },
    builds: Number(handle.prepare('select count(*) from rebuilds').pluck().get()),
    buildsAfter: (id, limit) => guard(() => builds.all(id, limit)),
    artifacts: (buildId) => guard(() => artifacts.all(buildId)),
    log: blob('build_logs', 'build_log'),
    report: blob('diffoscope_logs', 'diffoscope_log'),
    attestation: blob('attestation_logs', 'attestation_log'),
    close: () => handle.close(),
  };
}
