import { sha256Of } from '../../model/index.ts';
import type { Database } from '../../rebuilder/store/database.ts';
import type { ListedSource } from '../../rebuilder/store/packages/types.ts';

/** A source with one file for amd64 whose bytes its version decides, and with those that `binaries` names. */
export function listed(
  name: string,
  version: string,
  changes: Partial<ListedSource> & { binaries?: string[] } = {},
): ListedSource {
  const { binaries = [name], ...rest } = changes;
  return {
    distribution: 'debian',
    release: 'sid',
    component: 'main',
    name,
    version,
    maintainer: 'A <a@example.org>',
    architecture: 'amd64',
    files: binaries.map((binary) => ({
      name: binary,
      version,
      architecture: 'amd64',
      component: 'main',
      url: `http://example.org/${binary}_${version}_amd64.deb`,
      fileName: `${binary}_${version}_amd64.deb`,
      sha256: sha256Of(`${binary} ${version}`),
      size: 100,
    })),
    ...rest,
  };
}

/** What lies in a store after lists were taken in. */
export function lookInto(database: Database) {
  const seenFiles = () =>
    database.read('a test', async (db) => {
      const rows = await db
        .selectFrom('binary_package as b')
        .innerJoin('source_package as s', 's.id', 'b.source_package_id')
        .select(['b.name', 'b.version', 's.release'])
        .where('b.seen', '=', 1)
        .orderBy('b.id')
        .execute();
      return rows.map((row) => `${row.release} ${row.name} ${row.version}`).sort();
    });
  const seenSources = () =>
    database.read('a test', async (db) => {
      const rows = await db.selectFrom('source_package').selectAll().where('seen', '=', 1).execute();
      return rows.map((row) => `${row.release} ${row.name} ${row.version}`).sort();
    });
  const jobs = () =>
    database.read('a test', (db) =>
      db
        .selectFrom('job')
        .innerJoin('build_input as i', 'i.id', 'job.build_input_id')
        .select(['i.source', 'i.version', 'job.kind', 'job.priority', 'job.state', 'job.not_before as notBefore'])
        .orderBy('i.source')
        .orderBy('i.version')
        .execute(),
    );
  const jobNames = async () => (await jobs()).map((job) => `${job.source} ${job.version}`);
  const inputs = () =>
    database.read('a test', (db) => db.selectFrom('build_input').selectAll().orderBy('id').execute());
  /** As a result does: the input's status, and those of its files. */
  const decide = (source: string, status: string) =>
    database.write('a test', async (db) => {
      const { id } = await db
        .selectFrom('build_input')
        .select('id')
        .where('source', '=', source)
        .executeTakeFirstOrThrow();
      await db.updateTable('build_input').set({ status, result_id: 7 }).where('id', '=', id).execute();
      await db
        .updateTable('binary_package')
        .set({ status, result_id: 7, artifact_id: 9 })
        .where('build_input_id', '=', id)
        .execute();
      await db.deleteFrom('job').where('build_input_id', '=', id).execute();
    });
  return { seenFiles, seenSources, jobs, jobNames, inputs, decide };
}
