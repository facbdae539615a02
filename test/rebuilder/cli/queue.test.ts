import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase, STORE_FILE } from '../../../rebuilder/store/index.ts';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { postgresOfFile } from '../../helpers/postgres.ts';
import { runCli, temporaryFolder } from '../../helpers/run-cli.ts';
import { seedInput } from '../../helpers/seed-inputs.ts';

const postgres = postgresOfFile();

async function openLab() {
  const home = await temporaryFolder();
  const database = await openSqlite(join(home, STORE_FILE));
  await seedInput(database, { source: 'hello' });
  await seedInput(database, { source: 'ev\u001b[31mil\u202e', release: 'sid' });
  await database.close();
  return (...argv: readonly string[]) => runCli(home, ['queue', ...argv, '--data', home]);
}

describe('reproof queue', () => {
  it('asks for packages, lists, ranks and cancels them', async () => {
    const queue = await openLab();
    expect(await queue('ask', 'hello')).toEqual({ status: 0, stdout: '1 job\n', stderr: '' });
    expect((await queue('ask', '--all', '--priority', '7')).stdout).toBe('2 jobs\n');
    const { stdout } = await queue('list');
    const [counts, heads, first, second] = stdout.split('\n');
    expect(counts).toBe('0 running, 2 ready, 0 waiting for their time; builds are begun');
    expect(heads).toMatch(/^JOB +PRIORITY +KIND +WHAT +SINCE +STATE$/);
    expect(first).toMatch(/^1 +0 +manual +hello 2\.10-3 debian trixie amd64 +\S+ \S+Z +ready$/);
    expect(second).toContain('il');
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
    expect((await queue('priority', '--id', '1', '--priority', '-3')).stdout).toBe('1 job\n');
    expect((await queue('cancel', '--all', '--suite', 'sid')).stdout).toBe('1 job\n');
    const json = JSON.parse((await queue('list', '--json')).stdout);
    expect(json).toMatchObject({
      total: 1,
      state: { paused: false, draining: false },
      counts: { running: 0, available: 1, pending: 0 },
      jobs: [{ id: 1, priority: -3, source: 'hello', requestedBy: 'local' }],
    });
    expect(JSON.parse((await queue('cancel', 'hello', '--json')).stdout)).toEqual({ affected: 1 });
  });

  it('changes a queue on PostgreSQL too, and the audit log says what', async () => {
    const address = await postgres.database();
    const database = await openDatabase(address);
    await seedInput(database, { source: 'hello' });
    await database.close();
    const home = await temporaryFolder();
    const run = (...argv: readonly string[]) => runCli(home, [...argv, '--data', home, '--database', address]);
    expect(await run('queue', 'ask', 'hello')).toEqual({ status: 0, stdout: '1 job\n', stderr: '' });
    await run('queue', 'priority', 'hello', '--priority', '7');
    expect((await run('queue', 'list')).stdout).toMatch(/1 +7 +manual +hello 2\.10-3 debian trixie amd64/);
    await run('queue', 'pause');
    await run('queue', 'cancel', '--all', '--suite', 'trixie');
    const { entries } = JSON.parse((await run('audit', '--json')).stdout);
    expect(entries).toMatchObject([
      { actor: 'local', action: 'queue.cancel', detail: { filter: { release: 'trixie' }, affected: 1 } },
      { actor: 'local', action: 'queue.pause', detail: {} },
      { actor: 'local', action: 'queue.priority', detail: { filter: { name: 'hello' }, priority: 7, affected: 1 } },
      { actor: 'local', action: 'queue.ask', subject: 'queue', detail: { filter: { name: 'hello' }, affected: 1 } },
    ]);
  });

  it('stops builds from being begun, and lets them begin again', async () => {
    const queue = await openLab();
    expect((await queue('pause')).stdout).toBe('paused: no builds are begun\n');
    expect(JSON.parse((await queue('drain', '--json')).stdout)).toEqual({ paused: true, draining: true });
    expect((await queue('resume')).stdout).toBe('builds are begun\n');
  });

  it.each([
    [['ask'], 'name a package, or say --all'],
    [['cancel', '--suite', 'sid'], 'name a package, or say --all'],
    [['priority', 'hello'], "required option '--priority <n>' not specified"],
    [['priority', 'hello', '--priority', '2147483648'], 'whole number from -2147483648 to 2147483647'],
    [['cancel', '--id', 'x'], 'whole number from 1'],
    [['ask', 'hello', '--status', 'GREAT'], 'Allowed choices are GOOD'],
  ])('refuses %j and changes nothing', async (argv, message) => {
    const queue = await openLab();
    const refused = await queue(...argv);
    expect(refused).toMatchObject({ status: 64, stdout: '' });
    expect(refused.stderr).toContain(message);
    expect(JSON.parse((await queue('list', '--json')).stdout)).toMatchObject({ total: 0 });
  });
});
