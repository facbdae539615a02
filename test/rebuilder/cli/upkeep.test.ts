import { chmod, readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { recordRebuild } from '../../helpers/recorded-rebuild.ts';
import { runCli, temporaryFolder } from '../../helpers/run-cli.ts';

/** A home whose data folder has one rebuild, with a log and a rebuilt file. */
async function filledHome() {
  const home = await temporaryFolder();
  const record = await recordRebuild(join(home, 'data'), 'less', 'a log');
  const log = record.attempts[0]?.log.blob ?? '';
  return {
    home,
    blob: (data: string) => join(home, data, 'blobs', 'sha256', log.slice(0, 2), log),
    log,
    record,
    cli: (...argv: readonly string[]) => runCli(home, argv),
  };
}

describe('reproof backup and restore', () => {
  it('copy a data folder and give it back, for people and for programs', async () => {
    const { home, cli, record } = await filledHome();
    const made = await cli('backup', 'copy', '--data', 'data');
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(made.stdout).toMatch(/^the database and 2 files, of which 2 share their bytes; 0 B copied, in \S+copy\n$/);
    const again = JSON.parse((await cli('backup', 'second', '--data', 'data', '--json')).stdout);
    expect(again).toMatchObject({
      folder: join(home, 'second'),
      note: { schema: 'reproof-backup/1', database: 'sqlite' },
      copied: { files: 2, linked: 2 },
    });
    await rm(join(home, 'data'), { recursive: true });
    const restored = await cli('restore', 'copy', '--data', 'data');
    expect(restored).toMatchObject({ status: 0, stderr: '' });
    expect(restored.stdout).toMatch(/^restored 3 files of \S+Z to \S+data\n$/);
    expect((await cli('list', '--data', 'data')).stdout).toContain(record.id);
    expect(JSON.parse((await cli('restore', 'second', '--data', 'third', '--json')).stdout)).toMatchObject({
      folder: join(home, 'third'),
      report: { ok: true, blobs: 2 },
    });
  }, 60_000);

  it('write over nothing, restore no half or damaged backup, and say so by their status', async () => {
    const { home, cli, blob } = await filledHome();
    await cli('backup', 'copy', '--data', 'data');
    expect((await cli('backup', 'copy', '--data', 'data')).status).toBe(64);
    expect((await cli('restore', 'copy', '--data', 'data')).status).toBe(64);
    expect((await cli('restore', 'data', '--data', 'new')).status).toBe(64);
    await chmod(blob('copy'), 0o600);
    await rm(blob('data'));
    await truncate(blob('copy'), 3);
    const refused = await cli('restore', 'copy', '--data', 'new');
    expect([refused.status, refused.stderr]).toEqual([74, expect.stringContaining('nothing was restored')]);
    expect((await readdir(home)).sort()).toEqual(['copy', 'data']);
  }, 60_000);
});

describe('reproof fsck', () => {
  it('says what is damaged or missing, and ends with 74 where anything is', async () => {
    const { cli, blob, log } = await filledHome();
    const sound = await cli('fsck', '--data', 'data');
    expect(sound).toMatchObject({ status: 0, stderr: '' });
    expect(sound.stdout).toContain('2 files');
    await chmod(blob('data'), 0o600);
    await truncate(blob('data'), 3);
    const damaged = await cli('fsck', '--data', 'data');
    expect([damaged.status, damaged.stdout]).toEqual([74, expect.stringContaining(`damaged: ${log}`)]);
    expect((await cli('fsck', '--quick', '--data', 'data')).status).toBe(0);
    await rm(blob('data'));
    const missing = await cli('fsck', '--data', 'data', '--json');
    expect(missing.status).toBe(74);
    expect(JSON.parse(missing.stdout)).toMatchObject({ ok: false, missing: [{ sha256: log }], damaged: [] });
  }, 60_000);
});

describe('reproof prune', () => {
  it('counts what the settings let go, deletes it when it is told to, and only once', async () => {
    const { cli } = await filledHome();

    const prune = async (...argv: string[]) =>
      JSON.parse((await cli('prune', '--data', 'data', '--json', ...argv)).stdout) as object;
    const nothing = { logs: { blobs: 0 }, files: { blobs: 0 }, orphans: { blobs: 0 } };
    expect(await prune()).toMatchObject({ deleted: false, pruned: nothing });
    expect(await prune('--logs', '1h', '--files', '1h', '--delete')).toMatchObject({ deleted: true, pruned: nothing });
    expect((await cli('prune', '--data', 'data')).stdout).toBe(
      [
        'would delete logs: 0, 0 B',
        'would delete rebuilt files: 0, 0 B',
        'would delete what nothing refers to: 0, 0 B',
        '--delete deletes them\n',
      ].join('\n'),
    );
    expect((await cli('prune', '--logs', 'soon', '--data', 'data')).status).toBe(64);
  }, 60_000);

  it('does not delete while a backup or another prune has the folder', async () => {
    const { home, cli } = await filledHome();
    const held = new Sqlite(join(home, 'data', 'upkeep.lock'));
    held.exec('BEGIN EXCLUSIVE');
    const refused = await cli('prune', '--delete', '--data', 'data');
    expect([refused.status, refused.stderr]).toEqual([74, expect.stringContaining('another backup or prune')]);
    expect((await cli('backup', 'copy', '--data', 'data')).status).toBe(74);
    held.close();
    expect((await cli('prune', '--delete', '--data', 'data')).status).toBe(0);
    expect(await readdir(home)).toEqual(['data']);
  }, 60_000);
});
