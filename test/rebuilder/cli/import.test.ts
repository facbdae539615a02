import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { runCli, temporaryFolder } from '../../helpers/run-cli.ts';

const DUMP = join(import.meta.dirname, '../../fixtures/rebuilderd/database-0.28.sql');

async function homeWithDatabase(): Promise<string> {
  const home = await temporaryFolder();
  const database = new Sqlite(join(home, 'rebuilderd.db'));
  database.exec(
    (await readFile(DUMP, 'utf8'))
      .replace(/^(?:PRAGMA writable_schema|ANALYZE|INSERT INTO sqlite_stat1).*$/gm, '')
      .replace(/^CREATE TABLE IF NOT EXISTS sqlite_sequence.*$/gm, ''),
  );
  database.close();
  return home;
}

describe('reproof import', () => {
  it("takes over rebuilderd's packages and builds, once however often it runs", async () => {
    const home = await homeWithDatabase();
    const first = await runCli(home, ['import', 'rebuilderd', 'rebuilderd.db', '--data', 'data', '--json']);
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(first.stdout)).toEqual({ sources: 5, files: 5, builds: 4, skipped: 1, unreadable: 0, notes: [] });
    const second = await runCli(home, ['import', 'rebuilderd', 'rebuilderd.db', '--data', 'data']);
    expect(second.status).toBe(0);
    expect(second.stdout).toMatch(
      /^imported 5 build inputs with 5 files, and 0 builds; \d builds were there already, /,
    );
    expect((await runCli(home, ['fsck', '--data', 'data'])).status).toBe(0);
  }, 60_000);

  it('refuses other systems, and files that are no such database', async () => {
    const home = await temporaryFolder();
    expect((await runCli(home, ['import', 'other', 'x.db', '--data', 'data'])).status).toBe(64);
    await writeFile(join(home, 'x.db'), 'this is no database');
    for (const file of ['x.db', 'none.db']) {
      const refused = await runCli(home, ['import', 'rebuilderd', file, '--data', 'data']);
      expect([refused.status === 0, refused.stdout]).toEqual([false, '']);
      expect(refused.stderr).toContain(file);
    }
  }, 60_000);
});
